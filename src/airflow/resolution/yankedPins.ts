import type { CommandResult } from '../../platform/childProcess.ts';

/**
 * Resolves again where a package needs exactly one release and that was yanked: pip installs it, and so does production;
 * uv takes it only from a line that names it.
 */
export async function allowingYanked(
  lines: readonly string[],
  compile: (lines: readonly string[]) => Promise<CommandResult>,
): Promise<CommandResult> {
  const all = [...lines];
  for (;;) {
    const result = await compile(all);
    const pin = result.exitCode === 0 ? undefined : yankedPin(result.stderr);
    if (pin === undefined || all.includes(pin)) return result;
    all.push(pin);
  }
}

/** `name==1.0` where uv says that something depends "on name==1.0", and that "name==1.0 was yanked". */
function yankedPin(stderr: string): string | undefined {
  const words = stderr.replaceAll(/\s+/g, ' ');
  return [...words.matchAll(/(\S+==\S+) was yanked/g)]
    .map(([, pin]) => pin)
    .find((pin) => [` on ${pin} `, ` on ${pin},`].some((each) => words.includes(each)));
}
