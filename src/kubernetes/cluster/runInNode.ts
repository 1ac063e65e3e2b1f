import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { DevenvError } from '../../errors.ts';

/**
 * Runs a program in a node to its end.
 *
 * @param words the program, and what it is given.
 * @throws DevenvError `node_command_failed` with what it printed.
 */
export async function runInNode(docker: Docker, node: string, words: readonly string[]): Promise<string> {
  const exec = await docker
    .getContainer(node)
    .exec({ Cmd: [...words], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, stdout, stderr);
  stream.once('close', () => {
    stdout.end();
    stderr.end();
  });
  const [output, errors] = await Promise.all([text(stdout), text(stderr)]);
  const { ExitCode } = await exec.inspect();
  if (ExitCode === 0) return output;
  throw new DevenvError({
    code: 'node_command_failed',
    what: `In the node ${node}, ${words[0] ?? ''} ended with ${ExitCode}.`,
    why: (errors || output).trim().split('\n').slice(-5).join('\n'),
    next: ['devenv down --volumes, then devenv up makes the cluster new'],
  });
}
