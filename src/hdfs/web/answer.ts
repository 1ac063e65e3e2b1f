import { JAVA_CLASSES, RemoteException } from '../store/remoteException.ts';
import { responseHead } from './http/responseHead.ts';

/** An answer without a stream. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = 'application/json;charset=utf-8';

export function jsonAnswer(body: string): Answer {
  return { status: 200, headers: { 'Content-Type': JSON_TYPE }, body };
}

/** `{"NAME": value}` */
export function valueAnswer(name: string, value: unknown): Answer {
  return jsonAnswer(JSON.stringify({ [name]: value }));
}

export function emptyAnswer(status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'Content-Type': 'application/octet-stream', ...headers }, body: '' };
}

/** An error as WebHDFS tells it. What is no RemoteException is a mistake of ours. */
export function exceptionAnswer(error: unknown): Answer {
  const known = error instanceof RemoteException;
  const javaClass = known ? error.javaClass : 'RuntimeException';
  const name = known ? simpleName(error.javaClass) : javaClass;
  const message = error instanceof Error ? error.message : String(error);
  const exception = { exception: name, javaClassName: JAVA_CLASSES[javaClass], message };
  return {
    status: statusOf(error),
    headers: { 'Content-Type': JSON_TYPE },
    body: JSON.stringify({ RemoteException: exception }),
  };
}

/** The whole of it, for the network. */
export function answerText(answer: Answer): string {
  return (
    responseHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) }) +
    answer.body
  );
}

/** By Hadoop's ExceptionHandler. */
function statusOf(error: unknown): number {
  if (!(error instanceof RemoteException)) return 500;
  switch (error.javaClass) {
    case 'FileNotFoundException':
      return 404;
    case 'UnsupportedOperationException':
    case 'IllegalArgumentException':
    case 'HadoopIllegalArgumentException':
    case 'InvalidPathException':
      return 400;
    case 'RuntimeException':
      return 500;
    default:
      return 403;
  }
}

function simpleName(javaClass: keyof typeof JAVA_CLASSES): string {
  return JAVA_CLASSES[javaClass].split(/[.$]/).at(-1) ?? javaClass;
}
