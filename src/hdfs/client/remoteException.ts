import { DevenvError } from '../../errors.ts';

/** What a WebHDFS server says went wrong: the class that Java would have thrown, and its message. */
export interface RemoteException {
  /** Simple name, `FileNotFoundException`. */
  readonly exception: string;
  readonly message: string;
  /** Of HTTP. */
  readonly status: number;
}

/** @param text the body of an answer that is no success. */
export function remoteError(status: number, text: string): DevenvError {
  const cause = parse(status, text);
  return new DevenvError({
    code: 'hdfs_refused',
    what: `HDFS refused: ${cause.message.split('\n', 1)[0]}`,
    why: `${cause.exception}.`,
    cause,
  });
}

/** `undefined` for every other error. */
export function remoteException(error: unknown): RemoteException | undefined {
  return error instanceof DevenvError && error.code === 'hdfs_refused'
    ? (error.cause as RemoteException)
    : undefined;
}

function parse(status: number, text: string): RemoteException {
  try {
    const { RemoteException: told } = JSON.parse(text) as {
      RemoteException: { exception: string; message: string | null };
    };
    return { exception: told.exception, message: told.message ?? told.exception, status };
  } catch {
    return { exception: 'IOException', message: text.trim() || `the server answered ${status}`, status };
  }
}
