import type { Caller } from '../store/caller.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './http/connection.ts';
import type { Parameters } from './parameters.ts';
import type { RequestTarget } from './requestTarget.ts';

/** One operation that is asked for. */
export interface WebRequest {
  readonly store: Store;
  readonly caller: Caller;
  readonly path: string;
  readonly parameters: Parameters;
  readonly target: RequestTarget;
  /** Name and port under which the client knows this server. */
  readonly host: string;
  /** Whether this is the second step of two: the one with the data. */
  readonly isDataStep: boolean;
  /** For the address of the second step. */
  readonly ticket: () => string;
  readonly exchange: Exchange;
}

/** Answers an operation; undefined when the answer has been sent already, as a stream. */
export type Operation = (request: WebRequest) => Answer | undefined | Promise<Answer | undefined>;
