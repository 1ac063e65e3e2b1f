import type { ExecaError } from 'execa';
import { DevenvError } from '../errors.ts';
import { childVariables } from './childVariables.ts';

export interface CommandOptions {
  /** The whole environment of the child: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** When aborted the child gets SIGTERM, and SIGKILL 5 s later. */
  readonly signal?: AbortSignal;
  /** Given to the child's standard input, which is empty otherwise. */
  readonly input?: string;
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Return a non-zero exit code instead of throwing. */
  readonly allowFailure?: boolean;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * Runs a command to its end.
 *
 * @throws the signal's reason when aborted; DevenvError `command_not_found`, or `command_failed` with the end of
 * the output and a command line to paste. The environment is never part of a message: it may hold secrets.
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  // Loaded on first use: most warm commands start nothing.
  const { execa } = await import('execa');
  const result = await execa(file, args, {
    env: childVariables(options.env),
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    stdout: tap('stdout', options.onLine),
    stderr: tap('stderr', options.onLine),
    reject: false,
  });
  if (result.isCanceled) options.signal?.throwIfAborted();
  const ended = result.exitCode !== undefined;
  if (ended && (result.exitCode === 0 || options.allowFailure === true)) {
    return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? 0 };
  }
  throw commandError(file, args, result as unknown as ExecaError);
}

/** The command as a person can paste it into a POSIX shell. */
export function pasteableCommand(file: string, args: readonly string[]): string {
  return [file, ...args].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function tap(stream: 'stdout' | 'stderr', onLine: CommandOptions['onLine']) {
  if (onLine === undefined) return 'pipe' as const;
  return function* (line: unknown) {
    onLine(String(line), stream);
    yield line;
  };
}

const TAIL_LINES = 20;

function commandError(file: string, args: readonly string[], error: ExecaError): DevenvError {
  const command = pasteableCommand(file, args);
  if (error.code === 'ENOENT' || error.code === 'EACCES') {
    return new DevenvError({
      code: 'command_not_found',
      what: `Can't run ${file}.`,
      why: error.code === 'ENOENT' ? 'There is no such program.' : 'It is not an executable file.',
      next: [`Try it yourself: ${command}`],
      cause: error,
    });
  }
  const ending = error.signal === undefined ? `exit code ${error.exitCode}` : `signal ${error.signal}`;
  const output = `${String(error.stdout ?? '')}\n${String(error.stderr ?? '')}`.trim();
  return new DevenvError({
    code: 'command_failed',
    what: `${file.split('/').at(-1)} ended with ${ending}.`,
    why: output.split('\n').slice(-TAIL_LINES).join('\n') || error.originalMessage || 'It printed nothing.',
    next: [`Run it yourself: ${command}`],
  });
}
