/**
 * What Ctrl+Z does in a terminal whose raw mode keeps it from the shell: stops the whole process group. Resolves when
 * the shell has continued it.
 */
export async function stopUntilContinued(
  host: Pick<NodeJS.Process, 'kill' | 'once'> = process,
): Promise<void> {
  const continued = new Promise<void>((resolve) => {
    host.once('SIGCONT', () => resolve());
  });
  host.kill(0, 'SIGTSTP');
  await continued;
}
