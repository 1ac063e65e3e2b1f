import type { Finding } from './finding.ts';
import { ownerOf, type Observation, type Session } from './observation.ts';
import { actionName } from './planUnlock.ts';
import { since } from './times.ts';

/** What a person has named to be ended, as far as it is there. */
export interface NamedHolders {
  /** Names as actions have them: a process at the other end of a connection stands for the connection. */
  readonly names: ReadonlySet<string>;
  /** What was found, and the connections that were named and are nobody's fault yet. */
  readonly findings: readonly Finding[];
  /** Nothing that is there has these names. */
  readonly unknown: readonly string[];
  /** What could have been named. */
  readonly known: readonly string[];
}

/** Pure. */
export function namedHolders(
  observation: Observation,
  findings: readonly Finding[],
  wanted: readonly string[],
): NamedHolders {
  const found = new Set(findings.flatMap((each) => (each.action && actionName(each.action)) ?? []));
  const names = new Set<string>();
  const added: Finding[] = [];
  const unknown: string[] = [];
  for (const name of new Set(wanted)) {
    const session = observation.sessions.find((each) => isNamed(each, name));
    const actual = session === undefined || found.has(name) ? name : String(session.backend);
    if (found.has(actual)) names.add(actual);
    else if (session === undefined) unknown.push(name);
    else {
      names.add(actual);
      added.push(asFinding(session, observation.now));
    }
  }
  const known = [...new Set([...found, ...observation.sessions.map((each) => String(each.backend))])];
  return { names, findings: [...findings, ...added], unknown, known };
}

function isNamed(session: Session, name: string): boolean {
  return String(session.backend) === name || String(session.client?.pid) === name;
}

function asFinding(session: Session, now: number): Finding {
  const { backend, connectedAt } = session;
  const owner = ownerOf(session);
  return {
    kind: 'idle_in_transaction',
    what: `You have named the connection of ${owner.name} (backend ${backend}).`,
    details: [`${session.state} for ${since(session.stateSince, now)}: ${session.statement}`],
    action: { kind: 'end-session', backend, owner: owner.name, isOurs: owner.isOurs, connectedAt },
  };
}
