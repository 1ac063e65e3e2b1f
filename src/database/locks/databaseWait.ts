import { ownerOf, type Session } from './observation.ts';
import { ancestorsOf, type ProcessTree } from '../../platform/processTree.ts';
import { shownCommand } from '../../platform/shownCommand.ts';
import { wallClock } from '../../platform/wallClock.ts';
import { since } from './times.ts';

/** A connection of ours that waits, and what it waits for in the end. */
export interface DatabaseWait {
  /** Undefined for a migration that tries for a moment again and again. */
  readonly waiter: Session | undefined;
  /** Waits for nothing itself. */
  readonly holder: Session;
}

/** Shorter waits are how databases work. */
const WAIT_MS = 1_000;

/** Of connections whose `application_name` is one of `who`, and of which `counts` says so. Pure. */
export function waitsOf(
  sessions: readonly Session[],
  who: RegExp,
  now: number,
  counts: (waiter: Session) => boolean = () => true,
): readonly DatabaseWait[] {
  const byBackend = new Map(sessions.map((each) => [each.backend, each]));
  return sessions.flatMap((waiter) => {
    const waits = waiter.blockedBy.length > 0 && now - (waiter.waitsSince ?? waiter.stateSince) >= WAIT_MS;
    if (!waits || !who.test(waiter.applicationName) || !counts(waiter)) return [];
    const holder = lastHolder(byBackend, waiter);
    return holder === undefined ? [] : [{ waiter, holder }];
  });
}

/**
 * Whether a connection is of one of these processes or of what descends from them: every run has the same
 * `application_name`. Where they, or the process at the other end, are not known, it may be. Pure.
 */
export function mayBelongTo(own: readonly number[], tree: ProcessTree): (session: Session) => boolean {
  return ({ client }) => {
    if (own.length === 0 || client === undefined || !tree.has(client.pid)) return true;
    return [client.pid, ...ancestorsOf(tree, client.pid)].some((pid) => own.includes(pid));
  };
}

/** Airflow's migration waits for its lock for 1.8 s at a time: whoever holds it is told, whether one waits just now or not. */
export function migrationWait(
  sessions: readonly Session[],
  who: RegExp,
  now: number,
): DatabaseWait | undefined {
  const holder = sessions.find(
    (each) =>
      each.advisory.includes('migration') &&
      !MIGRATION.test(each.applicationName) &&
      now - each.stateSince >= WAIT_MS,
  );
  return holder === undefined || !who.test('airflow-devenv-migrate')
    ? undefined
    : { waiter: undefined, holder };
}

const MIGRATION = /^airflow-devenv-migrate$/;

/** Those who hold it up may wait themselves: what is told is what all of them wait for. */
function lastHolder(byBackend: ReadonlyMap<number, Session>, waiter: Session): Session | undefined {
  const seen = new Set([waiter.backend]);
  let found: Session | undefined;
  let next: Session | undefined = waiter;
  while (next !== undefined) {
    const blocker: number | undefined = next.blockedBy.find((each) => !seen.has(each));
    if (blocker === undefined) break;
    seen.add(blocker);
    next = byBackend.get(blocker);
    found = next ?? found;
  }
  return found;
}

/** For what, who holds it (process, command line, since when), and what frees it. Pure. */
export function describeWait({ waiter, holder }: DatabaseWait, now: number): string {
  const begun = holder.transactionSince ?? holder.stateSince;
  const doing = holder.state.startsWith('idle in transaction') ? 'idle in a transaction' : 'at work';
  const statement = holder.statement === '' ? '' : `: ${holder.statement}`;
  return (
    `Waiting for ${awaited(waiter, holder)}: ${nameOf(holder)} holds it since ${wallClock(begun)} ` +
    `(${since(begun, now)}), ${doing}${statement}. ${remedy(holder)}`
  );
}

function awaited(waiter: Session | undefined, holder: Session): string {
  if (waiter === undefined || (holder.advisory.includes('migration') && waiter.awaits === undefined))
    return "Airflow's migration lock";
  const table = waiter.awaits ?? tableIn(waiter.statement);
  return table === undefined ? 'the database' : `the table ${table}`;
}

/** Who waits for a row waits for the end of the transaction that has changed it: its statement says where that is. */
function tableIn(statement: string): string | undefined {
  return /\b(?:update|into|from|table)\s+"?(\w+)/i.exec(statement)?.[1];
}

function nameOf(holder: Session): string {
  const { name } = ownerOf(holder);
  return holder.client === undefined
    ? `${name} (backend ${holder.backend})`
    : `process ${holder.client.pid} (${shownCommand(holder.client.command)}; backend ${holder.backend})`;
}

function remedy(holder: Session): string {
  const { isOurs, service } = ownerOf(holder);
  if (service !== undefined) return 'devenv unlockdb says more, and frees it.';
  if (isOurs) return 'It ends by itself; devenv unlockdb frees it now.';
  return `devenv unlockdb --end ${holder.backend} frees it.`;
}
