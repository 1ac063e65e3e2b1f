import type { Action, Finding, FindingKind } from './finding.ts';
import { ownerOf, type Observation, type Owner, type Session } from './observation.ts';
import { since } from './times.ts';

/** So long somebody has to wait before who holds him up is told: shorter waits are how databases work. */
const WAIT_MS = 1_000;
/** From when on an open transaction in which nothing happens is told, although nobody waits. */
const IDLE_MS = { abandoned: 5_000, foreign: 60_000 };

/** Connections that hold others up, or hold what others will want. Those that wait themselves are not the cause. */
export function diagnoseSessions(observation: Observation): Finding[] {
  const { sessions, now } = observation;
  return sessions.flatMap((session) => {
    const waiters = sessions.filter(
      (each) => each.blockedBy.includes(session.backend) && now - (each.waitsSince ?? now) >= WAIT_MS,
    );
    const isCause = waiters.length > 0 && session.blockedBy.length === 0;
    const kind = kindOf(session, waiters.length > 0);
    if (kind === undefined || !(isCause || holdsTooLong(observation, session))) return [];
    const owner = ownerOf(session);
    return [
      {
        kind,
        what: `${capital(owner.name)} (backend ${session.backend}${clientOf(session)}) ${WHAT[kind]}.`,
        details: detailsOf(observation, session, waiters),
        ...remedy(observation, session, owner),
      },
    ];
  });
}

const WHAT: Readonly<Record<string, string>> = {
  migration_lock: "holds Airflow's migration lock",
  scheduler_lock: "holds what every scheduler needs first (Airflow's scheduler lock, or rows of slot_pool)",
  idle_in_transaction: 'has a transaction open in which nothing happens',
  blocking_statement: 'holds others up with a statement that takes long',
};

function kindOf(session: Session, blocks: boolean): FindingKind | undefined {
  if (session.advisory.includes('migration')) return 'migration_lock';
  if (session.advisory.includes('scheduler')) return 'scheduler_lock';
  if (holdsPools(session) && (blocks || isIdleInTransaction(session))) return 'scheduler_lock';
  if (isIdleInTransaction(session)) return 'idle_in_transaction';
  return blocks ? 'blocking_statement' : undefined;
}

/** A scheduler does not wait for these rows: it goes on without starting a task. */
function holdsPools(session: Session): boolean {
  return session.holds.some((each) => /^slot_pool \((Row|Share|AccessExclusive|Exclusive)/.test(each));
}

/** Nobody waits for it yet; whoever comes will. */
function holdsTooLong(observation: Observation, session: Session): boolean {
  const quietMs = observation.now - session.stateSince;
  if (session.state === 'active') return false;
  const holdsAdvisory = session.advisory.some((each) => each !== 'other');
  if (!isIdleInTransaction(session) && !holdsAdvisory) return false;
  const isCentral = holdsAdvisory || holdsPools(session);
  if (isAlive(observation, session)) return false;
  return quietMs >= (ownerOf(session).isOurs || isCentral ? IDLE_MS.abandoned : IDLE_MS.foreign);
}

function isIdleInTransaction({ state }: Session): boolean {
  return state.startsWith('idle in transaction');
}

/** Somebody of ours is at work at the other end, as far as we know. */
function isAlive({ surroundings }: Observation, session: Session): boolean {
  const { service, name } = ownerOf(session);
  if (service !== undefined) return service in surroundings.services;
  if (session.applicationName.endsWith('-migrate')) return surroundings.preparing !== undefined;
  return name === 'devenv run-dag' && surroundings.liveRuns.length > 0;
}

function detailsOf(observation: Observation, session: Session, waiters: readonly Session[]): string[] {
  const { now } = observation;
  const doing = session.state === 'active' ? 'at work' : session.state;
  return [
    `${doing} for ${since(session.stateSince, now)}${session.statement === '' ? '' : `: ${session.statement}`}`,
    ...(session.holds.length === 0 ? [] : [`holds ${shortList(session.holds)}`]),
    ...waiters.map((each) => {
      const who = `${ownerOf(each).name} (backend ${each.backend})`;
      return `held up: ${who} for ${since(each.waitsSince ?? now, now)}: ${each.statement}`;
    }),
  ];
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}

function remedy(
  observation: Observation,
  session: Session,
  owner: Owner,
): { readonly action: Action | undefined; readonly advice?: string } {
  const { surroundings } = observation;
  if (session.applicationName.endsWith('-migrate') && surroundings.preparing !== undefined) {
    const advice = `A devenv (process ${surroundings.preparing.pid}) migrates the database: wait for its end.`;
    return { action: undefined, advice };
  }
  if (owner.service !== undefined && owner.service in surroundings.services) {
    return { action: { kind: 'restart-service', service: owner.service } };
  }
  const { backend, connectedAt } = session;
  return {
    action: { kind: 'end-session', backend, owner: owner.name, isOurs: owner.isOurs, connectedAt },
  };
}

function clientOf(session: Session): string {
  return session.client === undefined ? '' : `, process ${session.client.pid}`;
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
