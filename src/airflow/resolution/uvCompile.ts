import type { Context } from '../../context.ts';
import { type CommandResult, runCommand } from '../../platform/childProcess.ts';
import { cleanEnvironment } from '../childEnvironment.ts';
import { overrideFile } from '../locks.ts';

export interface CompileRequest {
  readonly uv: string;
  /** An interpreter or a minor version, as `uv pip compile --python-version` and `--python` take them. */
  readonly target: readonly string[];
  /** More arguments: requirements, constraints, the output. */
  readonly args: readonly string[];
  /** Lines of requirements, given over standard input. */
  readonly lines?: readonly string[];
  /** Paths in requirement files, and the project's own uv settings, count from there. */
  readonly workingDirectory: string;
}

/** Has uv resolve requirements, without installing. Never throws for what uv says: look at the exit code. */
export async function uvCompile(context: Context, request: CompileRequest): Promise<CommandResult> {
  const { uv, target, args, lines, workingDirectory } = request;
  const common = ['pip', 'compile', '--quiet', '--no-header', '--no-annotate', '--override', overrideFile()];
  return runCommand(uv, [...common, ...target, ...args, ...(lines === undefined ? [] : ['-'])], {
    env: { ...cleanEnvironment(context.env), NO_COLOR: '1' },
    cwd: workingDirectory,
    signal: context.signal,
    allowFailure: true,
    ...(lines === undefined ? {} : { input: `${lines.join('\n')}\n` }),
  });
}
