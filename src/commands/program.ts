import { type Command, CommanderError } from 'commander';
import { DevenvError } from '../errors.ts';
import { machineError } from '../platform/fileSystemError.ts';
import { wantsJson } from '../ui/writeError.ts';
import type { CommandHost } from './commandHost.ts';
import { commandName, separatePassedArguments, withDefaultCommand } from './passThrough.ts';

/** Parses the command line and runs the command; gives the exit code. */
export async function program(commandHost: CommandHost): Promise<number> {
  let exitCode = 0;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const { argv, stdin, stdout } = commandHost.host;
  const words = separatePassedArguments(withDefaultCommand(argv, stdin.isTTY && stdout.isTTY));
  const root = await commandsFor(commandName(words), commandHost, finish);
  try {
    await root.parseAsync(words);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw machineError(error);
    if (error.exitCode === 0) return 0;
    if (wantsJson(commandHost.host.argv)) throw misuse(error);
    return 2;
  }
  return exitCode;
}

/** Loading and declaring all commands takes longer than the rest of a warm `run-dag` has to do. */
async function commandsFor(
  name: string | undefined,
  commandHost: CommandHost,
  finish: (code: number) => void,
): Promise<Command> {
  if (name !== 'run-dag') {
    const { buildProgram } = await import('./buildProgram.ts');
    return buildProgram(commandHost, finish);
  }
  const { runDagProgram } = await import('./runDagProgram.ts');
  return runDagProgram(commandHost, finish);
}

/** Commander prints its complaints itself, as text; who reads JSON gets them like every other error. */
function misuse(error: CommanderError): DevenvError {
  const [what = '', ...why] = error.message.replace(/^error: /, '').split('\n');
  return new DevenvError({
    code: 'usage',
    what: `${what[0]?.toUpperCase()}${what.slice(1)}${what.endsWith('.') ? '' : '.'}`,
    ...(why.length === 0 ? {} : { why: why.join(' ') }),
    next: ['devenv --help lists the commands, devenv COMMAND --help the options of one'],
    misuse: true,
    cause: error,
  });
}
