import { type Caller, callerNamed } from '../store/caller.ts';
import { RemoteException } from '../store/remoteException.ts';
import { hostFailure, type Store } from '../store/store.ts';
import { foreignHeader, newTickets, type Refusal, TICKET_PARAMETER, type Tickets } from './admission.ts';
import { answerText, emptyAnswer, exceptionAnswer } from './answer.ts';
import type { Exchange } from './http/connection.ts';
import { checkImpersonation } from './impersonation.ts';
import { operationFor } from './operations.ts';
import { Parameters } from './parameters.ts';
import { DATA_STEP_PARAMETER } from './redirect.ts';
import { readRequestTarget, type RequestTarget } from './requestTarget.ts';
import type { ServerSettings } from './serverSettings.ts';

export interface WebHdfsOptions {
  readonly store: Store;
  /** Who asks, when nobody is named. HDFS' own is `dr.who`. */
  readonly defaultUser: string;
  /** As they are now. */
  readonly settings: () => ServerSettings;
  readonly log: (line: string) => void;
}

/** Answers requests by the WebHDFS protocol. */
export function webHdfs(options: WebHdfsOptions): (exchange: Exchange) => Promise<void> {
  const tickets = newTickets();
  return async (exchange) => {
    const target = readRequestTarget(exchange.head.target);
    if (target === undefined) {
      exchange.send(answerText(emptyAnswer(exchange.head.target === '/' ? 200 : 404)));
      return;
    }
    try {
      const parameters = new Parameters(target.parameters);
      const refusal = await refusalOf(exchange, { target, parameters, tickets, ...options.settings() });
      if (refusal !== undefined) {
        const exception = new RemoteException('AccessControlException', refusal.why);
        exchange.send(answerText({ ...exceptionAnswer(exception), status: refusal.status }));
        return;
      }
      const answer = await perform(options, exchange, { target, parameters, tickets });
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

interface Asked {
  readonly target: RequestTarget;
  readonly parameters: Parameters;
  readonly tickets: Tickets;
}

async function refusalOf(
  exchange: Exchange,
  { target, parameters, tickets, names }: Asked & Pick<ServerSettings, 'names'>,
): Promise<Refusal | undefined> {
  const { method, headers } = exchange.head;
  const header = (name: string): string | undefined => headers.get(name);
  const foreign = foreignHeader({ target: exchange.head.target, header }, names);
  if (foreign !== undefined) return foreign;
  if (tickets.isValid(parameters.text(TICKET_PARAMETER), method, target.encodedPath)) return undefined;
  return (await exchange.isAdmitted()) ? undefined : { status: 403, why: FOREIGN_PROCESS };
}

const FOREIGN_PROCESS = 'This HDFS answers the processes of the user that it was started by, and no others.';

async function perform(
  options: WebHdfsOptions,
  exchange: Exchange,
  { target, parameters, tickets }: Asked,
): Promise<ReturnType<ReturnType<typeof operationFor>>> {
  const { store } = options;
  const { head } = exchange;
  const operation = operationFor(head.method, parameters.text('op'));
  return operation({
    store,
    caller: callerOf(options, parameters, exchange.remoteAddress),
    path: target.path,
    parameters,
    target,
    host: head.headers.get('host') || exchange.localAuthority,
    isDataStep: parameters.has(DATA_STEP_PARAMETER),
    ticket: () => tickets.issue(head.method, target.encodedPath),
    exchange,
  });
}

const USER_NAME = /^[A-Za-z_][A-Za-z0-9._-]*[$]?$/;

function callerOf(
  { store, defaultUser, settings }: WebHdfsOptions,
  parameters: Parameters,
  address: string,
): Caller {
  if (parameters.text('delegation') !== undefined)
    throw new RemoteException('InvalidToken', "token can't be found in cache");
  const user = parameters.matching('user.name', USER_NAME) ?? defaultUser;
  const machine = address.replace(/^::ffff:/, '');
  const other = parameters.text('doas');
  if (other === undefined || other === user) return callerNamed(store, user, machine);
  checkImpersonation({ superuser: store.superuser, ...settings() }, user, other, machine);
  return callerNamed(store, other, machine);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
