import { diagnoseRows } from './diagnoseRows.ts';
import { diagnoseSessions } from './diagnoseSessions.ts';
import { diagnoseSqlite } from './diagnoseSqlite.ts';
import type { Finding } from './finding.ts';
import type { Observation } from './observation.ts';
import { since } from './times.ts';

/** What is wrong, and the least that frees each of it. Pure. What holds others comes first. */
export function diagnose(observation: Observation): readonly Finding[] {
  return [
    ...diagnoseLeftovers(observation),
    ...diagnoseSqlite(observation),
    ...diagnoseSessions(observation),
    ...observation.prepared.map((each): Finding => ({
      kind: 'prepared_transaction',
      what: `The prepared transaction "${each.name}" holds locks until somebody ends it.`,
      details: [`prepared by ${each.owner} ${since(each.preparedAt, observation.now)} ago`],
      action: { kind: 'rollback-prepared', name: each.name },
    })),
    ...diagnoseSchema(observation),
    ...diagnoseRows(observation),
  ];
}

function diagnoseLeftovers({ surroundings: { leftovers } }: Observation): Finding[] {
  if (leftovers.length === 0) return [];
  return [
    {
      kind: 'leftover_processes',
      what: 'A stack was killed, and processes of it live on.',
      details: leftovers.slice(0, 10).map(({ pid, description }) => `process ${pid}: ${description}`),
      action: { kind: 'end-leftovers', processes: leftovers.map(({ pid }) => pid) },
    },
  ];
}

function diagnoseSchema({ schema, surroundings, file }: Observation): Finding[] {
  const { revisions, tables, head, isKnown } = schema;
  // Somebody makes or migrates it now, or the file can't be read.
  if (surroundings.preparing !== undefined || file?.unreadable !== undefined || tables === 0) return [];
  if (!isKnown) {
    return [
      {
        kind: 'newer_airflow',
        what: 'A newer Airflow has migrated this database.',
        details: [`its revision is ${revisions?.join(', ')}, which the installed Airflow does not know`],
        action: undefined,
        advice: 'Set that version in devenv.yaml, or put back a snapshot from before: devenv snapshot list',
      },
    ];
  }
  const isCurrent = revisions?.length === 1 && (head === undefined || revisions[0] === head);
  if (isCurrent) return [];
  return [
    {
      kind: 'migration_unfinished',
      what: 'A migration of the tables is not finished.',
      details: [
        revisions === undefined || revisions.length === 0
          ? `there are ${tables} tables and no revision`
          : `the revision is ${revisions.join(', ')}, and this Airflow wants ${head}`,
      ],
      action: { kind: 'migrate' },
    },
  ];
}
