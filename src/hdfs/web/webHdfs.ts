import { type Caller, callerNamed } from '../store/caller.ts';
import { RemoteException } from '../store/remoteException.ts';
import { hostFailure, type Store } from '../store/store.ts';
import { answerText, emptyAnswer, exceptionAnswer } from './answer.ts';
import type { Exchange } from './http/connection.ts';
import { operationFor } from './operations.ts';
import { Parameters } from './parameters.ts';
import { DATA_STEP_PARAMETER } from './redirect.ts';
import { readRequestTarget, type RequestTarget } from './requestTarget.ts';

export interface WebHdfsOptions {
  readonly store: Store;
  /** Who asks, when nobody is named. HDFS' own is `dr.who`. */
  readonly defaultUser: string;
  readonly log: (line: string) => void;
}

/** Answers requests by the WebHDFS protocol. */
export function webHdfs(options: WebHdfsOptions): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const target = readRequestTarget(exchange.head.target);
    if (target === undefined) {
      exchange.send(answerText(emptyAnswer(exchange.head.target === '/' ? 200 : 404)));
      return;
    }
    try {
      const answer = await perform(options, exchange, target);
      if (answer !== undefined) exchange.send(answerText(answer));
    } catch (thrown) {
      if (exchange.hasBegun()) throw thrown;
      const error = hostFailure(thrown);
      if (!(error instanceof RemoteException))
        options.log(`${JSON.stringify(target.path)}: ${describe(error)}`);
      exchange.send(answerText(exceptionAnswer(error)));
    }
  };
}

async function perform(
  { store, defaultUser }: WebHdfsOptions,
  exchange: Exchange,
  target: RequestTarget,
): Promise<ReturnType<ReturnType<typeof operationFor>>> {
  const { head } = exchange;
  refuseBrowsers(head.headers);
  const parameters = new Parameters(target.parameters);
  const operation = operationFor(head.method, parameters.text('op'));
  return operation({
    store,
    caller: callerOf(store, parameters, defaultUser, exchange.remoteAddress),
    path: target.path,
    parameters,
    target,
    host: hostOf(exchange),
    isDataStep: parameters.has(DATA_STEP_PARAMETER),
    exchange,
  });
}

const USER_NAME = /^[A-Za-z_][A-Za-z0-9._-]*[$]?$/;

function callerOf(store: Store, parameters: Parameters, defaultUser: string, address: string): Caller {
  const user = parameters.matching('user.name', USER_NAME) ?? defaultUser;
  const machine = address.replace(/^::ffff:/, '');
  const other = parameters.text('doas');
  if (other === undefined || other === user) return callerNamed(store, user, machine);
  throw new RemoteException('AuthorizationException', `User: ${user} is not allowed to impersonate ${other}`);
}

/** Names with what belongs into an address, and nothing else: it comes back in the Location header. */
const AUTHORITY = /^[\w.~-]+(:\d+)?$|^\[[0-9a-f:.]+\](:\d+)?$/i;

function hostOf(exchange: Exchange): string {
  const host = exchange.head.headers.get('host');
  return host !== undefined && AUTHORITY.test(host) ? host : exchange.localAuthority;
}

/** A page of some web site must not reach into the files: no client of HDFS sends these. */
function refuseBrowsers(headers: ReadonlyMap<string, string>): void {
  const site = headers.get('sec-fetch-site');
  if (!headers.has('origin') && (site === undefined || site === 'none' || site === 'same-origin')) return;
  throw new RemoteException('AccessControlException', 'Requests of web pages are not answered.');
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
