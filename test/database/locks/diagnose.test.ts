import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/database/locks/diagnose.ts';
import { namedHolders } from '../../../src/database/locks/namedHolders.ts';
import { withoutValues, type Observation, type Session } from '../../../src/database/locks/observation.ts';
import { planUnlock, type Consent } from '../../../src/database/locks/planUnlock.ts';

const NOW = 1_000_000_000;
const NOBODY: Consent = { ours: false, foreign: new Set() };
const OURS: Consent = { ours: true, foreign: new Set() };

function observation(changes: Partial<Observation> = {}): Observation {
  return {
    now: NOW,
    kind: 'postgres',
    database: 'airflow_3_3',
    sessions: [],
    prepared: [],
    schema: { revisions: ['head'], tables: 50, head: 'head', isKnown: true, leftovers: [] },
    rows: { jobs: [], tasks: [], runs: [] },
    surroundings: { services: {}, liveRuns: [], leftovers: [], preparing: undefined },
    ...changes,
  };
}

function session(changes: Partial<Session> = {}): Session {
  return {
    backend: 10,
    applicationName: 'report',
    state: 'idle in transaction',
    connectedAt: NOW - 600_000,
    stateSince: NOW - 90_000,
    transactionSince: NOW - 90_000,
    statement: 'update variable set val = ?',
    blockedBy: [],
    holds: ['variable (RowExclusive)'],
    advisory: [],
    ...changes,
  };
}

const waiting = (blockedBy: number[], waitedMs = 5_000): Session =>
  session({
    backend: 20,
    state: 'active',
    waitsSince: NOW - waitedMs,
    blockedBy,
    holds: [],
    stateSince: NOW - waitedMs,
  });

const texts = (given: Observation, consent = OURS) => {
  const plan = planUnlock(diagnose(given), consent);
  return { steps: plan.steps.map((each) => each.text), withheld: plan.withheld.map((each) => each.needs) };
};

describe('sessions', () => {
  test('nothing is said of a database at work', () => {
    const sessions = [
      session({ state: 'idle', holds: [] }),
      session({ stateSince: NOW - 3_000 }),
      session({ state: 'active', holds: ['job (RowExclusive)'] }),
      waiting([10], 200),
    ];
    expect(diagnose(observation({ sessions }))).toEqual([]);
  });

  test('the one at the root of a chain is the cause, and others are ended only by their number', () => {
    const sessions = [
      session({ stateSince: NOW - 2_000 }),
      waiting([10]),
      { ...waiting([20]), backend: 30, applicationName: 'airflow-devenv-scheduler' },
    ];
    const found = diagnose(observation({ sessions }));
    expect(found.map((each) => each.kind)).toEqual(['idle_in_transaction']);
    expect(found[0]?.details).toContain('held up: report (backend 20) for 5 s: update variable set val = ?');
    expect(texts(observation({ sessions }))).toEqual({ steps: [], withheld: ['--end 10'] });
    expect(texts(observation({ sessions }), { ours: false, foreign: new Set(['10']) }).steps).toEqual([
      'end the connection of report (backend 10): what it has not committed is undone',
    ]);
  });

  test('what a gone process of ours left is ended with consent; a service that runs is restarted', () => {
    const left = session({ applicationName: 'airflow-devenv-triggerer', stateSince: NOW - 6_000 });
    expect(texts(observation({ sessions: [left] }), NOBODY)).toEqual({ steps: [], withheld: ['--yes'] });
    expect(texts(observation({ sessions: [left] })).steps).toEqual([
      'end the connection of triggerer (backend 10): what it has not committed is undone',
    ]);
    const services = { services: { triggerer: 5 }, liveRuns: [], leftovers: [], preparing: undefined };
    expect(diagnose(observation({ sessions: [left], surroundings: services }))).toEqual([]);
    expect(texts(observation({ sessions: [left, waiting([10])], surroundings: services })).steps).toEqual([
      'restart triggerer',
    ]);
  });

  test('a migration that is at work is waited for; the lock of one that was killed is freed', () => {
    const held = session({
      applicationName: 'airflow-devenv-migrate',
      state: 'idle',
      advisory: ['migration'],
    });
    expect(texts(observation({ sessions: [held] })).steps).toHaveLength(1);
    const preparing = { services: {}, liveRuns: [], leftovers: [], preparing: { pid: 77 } };
    const [found] = diagnose(observation({ sessions: [held, waiting([10])], surroundings: preparing }));
    expect(found).toMatchObject({ kind: 'migration_lock', action: undefined });
    expect(found?.advice).toContain('process 77');
  });

  test('rows of the pools: schedulers do not wait for them, they do nothing', () => {
    const held = session({ stateSince: NOW - 6_000, holds: ['slot_pool (RowShare)'] });
    expect(diagnose(observation({ sessions: [held] })).map((each) => each.kind)).toEqual(['scheduler_lock']);
  });
});

describe('rows', () => {
  const job = { id: 3, type: 'SchedulerJob', heartbeat: NOW - 4_000 };
  const task = {
    dagId: 'd',
    runId: 'r',
    taskId: 't',
    mapIndex: -1,
    state: 'queued',
    job: 3,
    jobState: 'running',
    lastSign: NOW - 5_000,
  };
  const run = {
    dagId: 'd',
    runId: 'r',
    isTest: false,
    startedAt: NOW - 20_000,
    maxActiveRuns: 1,
    runningOfDag: 1,
    queuedOfDag: 2,
  };

  test('a job whose process is gone, with its tasks', () => {
    const rows = { jobs: [job], tasks: [task], runs: [run] };
    expect(diagnose(observation({ rows })).map((each) => each.kind)).toEqual([
      'stale_jobs',
      'orphaned_tasks',
    ]);
    expect(texts(observation({ rows })).steps).toEqual(['mark job 3 as ended']);
    const alive = { services: { scheduler: 9 }, liveRuns: [], leftovers: [], preparing: undefined };
    expect(diagnose(observation({ rows, surroundings: alive }))).toEqual([]);
  });

  test('somebody else may run an Airflow here: fresh heartbeats are believed', () => {
    const rows = { jobs: [job], tasks: [], runs: [] };
    const other = session({ applicationName: 'devenv', state: 'idle', holds: [] });
    expect(diagnose(observation({ rows, sessions: [other] }))).toEqual([]);
    const psql = { ...other, applicationName: 'psql' };
    expect(diagnose(observation({ rows, sessions: [psql] }))).toHaveLength(1);
  });

  test('a run that nobody executes, and what waits behind it; one that is executed is left alone', () => {
    const rows = { jobs: [], tasks: [{ ...task, job: undefined, jobState: undefined }], runs: [run] };
    const [found] = diagnose(observation({ rows }));
    expect(found).toMatchObject({ kind: 'stale_run', action: { kind: 'fail-runs' } });
    expect(found?.details).toContain('it fills max_active_runs (1 of 1): 2 runs wait behind it');
    const liveRuns = [{ dagId: 'd', runId: 'r', pid: 4 }];
    expect(
      diagnose(
        observation({ rows, surroundings: { services: {}, liveRuns, leftovers: [], preparing: undefined } }),
      ),
    ).toEqual([]);
    const test = { ...run, isTest: true };
    expect(diagnose(observation({ rows: { jobs: [], tasks: [], runs: [test] } }))).toHaveLength(1);
  });
});

describe('tables', () => {
  const schema = { revisions: ['old'], tables: 50, head: 'head', isKnown: true, leftovers: [] };

  test('a migration that stopped half way is gone on with', () => {
    expect(texts(observation({ schema })).steps).toEqual(['migrate the tables to what this Airflow wants']);
    expect(texts(observation({ schema: { ...schema, revisions: undefined } })).steps).toHaveLength(1);
  });

  test('a newer Airflow is recognised, and nothing is done', () => {
    const [found] = diagnose(observation({ schema: { ...schema, isKnown: false } }));
    expect(found).toMatchObject({ kind: 'newer_airflow', action: undefined });
  });
});

test('SQLite: a holder of others needs a word, a journal of a killed writer does not', () => {
  const file = {
    path: '/x.db',
    writable: false,
    journalBytes: 9,
    walBytes: 0,
    holders: [{ pid: 5, command: 'dbeaver' }],
  };
  expect(texts(observation({ kind: 'sqlite', file })).withheld).toEqual(['--end 5']);
  const hot = { ...file, writable: true, holders: [] };
  expect(texts(observation({ kind: 'sqlite', file: hot })).steps).toEqual([
    'undo what was not finished, from the journal',
  ]);
});

test.each([
  ["insert into variable (val) values ('it''s s3cret', 42)", 'insert into variable (val) values (?, ?)'],
  ["select $tag$ s3cret ' $tag$,\n  'open", 'select ?, ?'],
  ['select t2.name from table_3 t2', 'select t2.name from table_3 t2'],
])('the values of a statement are not told: %s', (statement, told) => {
  expect(withoutValues(statement)).toBe(told);
});

test('what is named to be ended has to be there, by its backend or by its process', () => {
  const given = observation({
    sessions: [session({ client: { pid: 4711, command: 'psql' }, stateSince: NOW })],
  });
  const { names, findings, unknown } = namedHolders(given, diagnose(given), ['4711', 'abc', '-5', '1']);
  expect([...names]).toEqual(['10']);
  expect(unknown).toEqual(['abc', '-5', '1']);
  expect(
    planUnlock(findings, { ours: false, foreign: names }).steps.map((each) => each.action),
  ).toMatchObject([{ kind: 'end-session', backend: 10 }]);
});
