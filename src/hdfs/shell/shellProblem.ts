import { DevenvError } from '../../errors.ts';
import { errorCode } from '../../platform/fileSystemError.ts';
import { remoteException } from '../client/remoteException.ts';

/** One path that a command can't work on, in Hadoop's words: `` `/a': No such file or directory ``. */
export function pathProblem(shown: string, problem: string): DevenvError {
  return new DevenvError({ code: 'hdfs_path', what: `\`${shown}': ${problem}` });
}

export const NOT_FOUND = 'No such file or directory';
export const IS_FOLDER = 'Is a directory';
export const NOT_FOLDER = 'Is not a directory';
export const EXISTS = 'File exists';

/** Options or arguments that mean nothing: the command is not run, and its usage is shown. Exit code 255. */
export function usageProblem(problem: string): DevenvError {
  return new DevenvError({ code: 'hdfs_usage', what: problem, misuse: true });
}

/** What stands behind the command's name on standard error; the first line, as Hadoop's shell shows it. */
export function problemText(error: unknown): string {
  const remote = remoteException(error);
  if (remote !== undefined) return remote.message.split('\n', 1)[0] ?? '';
  if (error instanceof DevenvError) return error.what;
  const code = errorCode(error);
  const file = (error as NodeJS.ErrnoException).path;
  if (code === 'ENOENT' && file !== undefined) return `\`${file}': ${NOT_FOUND}`;
  if (code === 'EEXIST' && file !== undefined) return `\`${file}': ${EXISTS}`;
  if (code === 'EACCES' && file !== undefined) return `${file} (Permission denied)`;
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
}
