import path from 'node:path';
import { DevenvError } from '../errors.ts';

/**
 * Turns an operating system's error about a file into one that says what to do. Anything that is not such an
 * error comes back as it is.
 *
 * @param doing what failed, to be read after "Can't": `write the lock file`.
 */
export function fileSystemError(error: unknown, doing: string, file: string): unknown {
  const advice = ADVICE[errorCode(error) ?? ''];
  if (advice === undefined || error instanceof DevenvError) return error;
  return adviceError(advice, doing, file, error);
}

/** What no code of ours is to blame for, wherever it comes up. */
const OF_THE_MACHINE = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE']);

/** As `fileSystemError`, for an error that nobody has said more about on its way up. */
export function machineError(error: unknown): unknown {
  const code = errorCode(error) ?? '';
  const advice = ADVICE[code];
  if (advice === undefined || !OF_THE_MACHINE.has(code)) return error;
  if (!(error instanceof Error && 'path' in error && typeof error.path === 'string')) return error;
  // Whether it was to be read or written is not known here.
  const why = code === 'EACCES' ? 'You are not allowed to.' : advice.why;
  return adviceError({ ...advice, why }, 'access the file', error.path, error);
}

/** The error for a full disk that another program ran into. */
export function diskFullError(doing: string, file: string, cause: unknown): DevenvError {
  return adviceError(DISK_FULL, doing, file, cause);
}

function adviceError(advice: Advice, doing: string, file: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: advice.code,
    what: `Can't ${doing} at ${file}.`,
    why: advice.why,
    next: file.split(path.sep).includes('.devenv')
      ? advice.next.filter((each) => each !== ELSEWHERE)
      : advice.next,
    cause,
  });
}

/** The `code` of a Node system error, e.g. `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

interface Advice {
  readonly code: string;
  readonly why: string;
  readonly next: readonly string[];
}

const ELSEWHERE = 'Or keep the cache elsewhere: AIRFLOW_DEVENV_CACHE=/a/folder/of/yours';

const DISK_FULL: Advice = {
  code: 'disk_full',
  why: 'No space is left on the disk.',
  next: ['Free some space (an environment needs about 1 GB) and run the command again', ELSEWHERE],
};

const MANY_FILES: Advice = {
  code: 'too_many_open_files',
  why: 'Too many files are open.',
  next: ['Close programs, or allow more: ulimit -n'],
};

const ADVICE: Readonly<Record<string, Advice>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: { ...DISK_FULL, why: 'Your disk quota is used up.' },
  EROFS: {
    code: 'not_writable',
    why: 'The file system is mounted read-only.',
    next: ['Use a folder that can be written to', ELSEWHERE],
  },
  // What Node reports for a folder that can't be made on a read-only file system.
  ENOENT: {
    code: 'not_writable',
    why: 'The folder can’t be made: its file system is read-only, or it was removed meanwhile.',
    next: ['Use a folder that can be written to', ELSEWHERE],
  },
  EACCES: {
    code: 'not_writable',
    why: 'You are not allowed to write there.',
    next: ['Check who owns the folder: ls -ld', ELSEWHERE],
  },
  EPERM: {
    code: 'not_writable',
    why: 'The operating system does not permit it.',
    next: ['Check who owns the folder: ls -ld', ELSEWHERE],
  },
  EMFILE: MANY_FILES,
  ENFILE: MANY_FILES,
  ENOTDIR: {
    code: 'not_writable',
    why: 'A part of the path is a file, not a folder.',
    next: ['Move the file away', ELSEWHERE],
  },
};
