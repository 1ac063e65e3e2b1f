import { expect, test } from 'vitest';
import {
  describeWait,
  mayBelongTo,
  migrationWait,
  waitsOf,
} from '../../../src/database/locks/databaseWait.ts';
import type { Session } from '../../../src/database/locks/observation.ts';
import { parseLocks } from '../../../src/database/locks/sqliteLockHolders.ts';
import type { TreeProcess } from '../../../src/platform/processTree.ts';

const NOW = new Date(2026, 0, 31, 14, 3, 7).getTime();
const RUNS = /^airflow-devenv run-dag$/;

function session(changes: Partial<Session>): Session {
  return {
    backend: 10,
    applicationName: 'devenv',
    client: { pid: 4711, command: 'python hold.py row 600' },
    state: 'idle in transaction',
    connectedAt: NOW - 60_000,
    stateSince: NOW - 42_000,
    transactionSince: NOW - 42_000,
    statement: 'select * from dag for update',
    blockedBy: [],
    holds: [],
    advisory: [],
    ...changes,
  };
}

const waiter = (changes: Partial<Session> = {}): Session =>
  session({
    backend: 20,
    applicationName: 'airflow-devenv run-dag',
    state: 'active',
    waitsSince: NOW - 2_000,
    blockedBy: [10],
    statement: 'UPDATE dag SET is_stale=? WHERE dag.dag_id = ?',
    ...changes,
  });

test('a wait says for which table, who holds it since when and with what, and what frees it', () => {
  const [wait] = waitsOf([session({}), waiter()], RUNS, NOW);
  expect(wait && describeWait(wait, NOW)).toBe(
    'Waiting for the table dag: process 4711 (python hold.py row 600; backend 10) holds it since 14:02:25 (42 s), ' +
      'idle in a transaction: select * from dag for update. devenv unlockdb --end 10 frees it.',
  );
});

test('of several that wait for each other the one that waits for nothing is told', () => {
  const between = waiter({ backend: 15, applicationName: 'psql', blockedBy: [10] });
  const [wait] = waitsOf([session({}), between, waiter({ blockedBy: [15] })], RUNS, NOW);
  expect(wait?.holder.backend).toBe(10);
});

test('short waits, and those of others, are no news', () => {
  expect(waitsOf([session({}), waiter({ waitsSince: NOW - 500 })], RUNS, NOW)).toEqual([]);
  expect(waitsOf([session({}), waiter({ applicationName: 'psql' })], RUNS, NOW)).toEqual([]);
  const circle = [waiter({ blockedBy: [21] }), waiter({ backend: 21, blockedBy: [20] })];
  expect(waitsOf(circle, RUNS, NOW).length).toBe(2);
});

test('the wait of another run is not taken for that of this one, of which only what descends from it counts', () => {
  const parents = [
    [100, 1],
    [101, 100],
    [200, 1],
  ] as const;
  const tree = new Map(
    parents.map(([pid, parent]): [number, TreeProcess] => [
      pid,
      { pid, parent, group: pid, session: 1, cpuSeconds: 0, residentBytes: 0 },
    ]),
  );
  const isFound = (own: readonly number[], client: number | undefined): boolean => {
    const { client: _, ...unknown } = waiter();
    const waiting =
      client === undefined ? unknown : { ...unknown, client: { pid: client, command: 'python' } };
    return waitsOf([session({}), waiting], RUNS, NOW, mayBelongTo(own, tree)).length === 1;
  };
  expect([100, 101, 200].map((client) => isFound([100], client))).toEqual([true, true, false]);
  // What is not known may be ours.
  expect([isFound([100], undefined), isFound([100], 999), isFound([], 200)]).toEqual([true, true, true]);
});

test("Airflow's migration lock is told to a migration only, and not its own", () => {
  const holder = session({ advisory: ['migration'], statement: 'select pg_advisory_lock(?)' });
  const found = migrationWait([holder], /^airflow-devenv-(?:cli|migrate)$/, NOW);
  expect(found && describeWait(found, NOW)).toContain("Waiting for Airflow's migration lock: process 4711");
  expect(migrationWait([holder], RUNS, NOW)).toBe(undefined);
  const own = { ...holder, applicationName: 'airflow-devenv-migrate' };
  expect(migrationWait([own], /migrate/, NOW)).toBe(undefined);
});

test('locks of files are read as Linux lists them, those who wait left out', () => {
  const text = [
    '1: POSIX  ADVISORY  WRITE 4711 fe:00:1004 1073741824 1073742335',
    '1: -> POSIX  ADVISORY  WRITE 4712 fe:00:1004 1073741824 1073742335',
    '2: FLOCK  ADVISORY  WRITE 17103 fe:00:9978509 0 EOF',
    '3: POSIX  ADVISORY  READ 4713 00:2e:77 1073741826 1073742335',
  ].join('\n');
  expect(parseLocks(text)).toEqual([
    { mode: 'WRITE', pid: 4711, inode: 1004 },
    { mode: 'READ', pid: 4713, inode: 77 },
  ]);
});
