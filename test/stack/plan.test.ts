import { expect, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import { airflowStack } from '../../src/services/airflowServices.ts';
import { describePlan, planStart, stopOrder, unknownService, withNeeds } from '../../src/stack/plan.ts';

const STACK = airflowStack({ database: 'postgres', airflowVersion: '3.3.2', forks: true });
const NOTHING = { services: {}, leftovers: [] };

test('the whole stack starts after what each service needs', () => {
  expect(describePlan(planStart(STACK, [], NOTHING))).toEqual([
    'start  postgres: Postgres, on a Unix socket only',
    'start  preload: the process that Airflow is forked from',
    "start  migrate, after postgres ready: Airflow's tables, as this version of Airflow wants them",
    'start  scheduler, after migrate completed and postgres ready and preload ready: schedules DAG runs and runs their tasks (LocalExecutor)',
    'start  dag-processor, after migrate completed and postgres ready and preload ready: reads the DAG files',
    'start  triggerer, after migrate completed and postgres ready and preload ready: waits for what deferred tasks wait for',
    "start  api-server, after migrate completed and postgres ready and preload ready: Airflow's UI and API",
  ]);
});

test('one service brings what it needs, and nothing else', () => {
  expect([...withNeeds(STACK, ['scheduler'])]).toEqual(['scheduler', 'migrate', 'postgres', 'preload']);
});

test('what runs is kept, what has failed is started again', () => {
  const plan = planStart(STACK, ['scheduler'], {
    leftovers: [],
    services: { postgres: 'ready', migrate: 'completed', preload: 'ready', scheduler: 'failed' },
  });
  expect(describePlan(plan).map((line) => line.split(/[,:]/)[0])).toEqual([
    'keep   postgres (ready)',
    'keep   preload (ready)',
    'keep   migrate (completed)',
    'start  scheduler',
  ]);
});

test('leftovers are ended before anything starts', () => {
  const plan = planStart(STACK, ['postgres'], {
    services: {},
    leftovers: [{ pid: 12, description: 'scheduler' }],
  });
  expect(describePlan(plan)[0]).toBe('end    scheduler (pid 12), left by an earlier stack');
});

test('SQLite needs no server, and separate processes no preloaded one', () => {
  const names = airflowStack({ database: 'sqlite', airflowVersion: '3.3.2', forks: false }).map(
    (each) => each.name,
  );
  expect(names).toEqual(['migrate', 'scheduler', 'dag-processor', 'triggerer', 'api-server']);
});

test('what needs a service stops before it', () => {
  const order = stopOrder(STACK, ['postgres']);
  expect(order.at(-1)).toBe('postgres');
  expect(order).not.toContain('preload');
  expect(stopOrder(STACK, ['triggerer'])).toEqual(['triggerer']);
});

test('an unknown service is named, with those there are', () => {
  expect(() => planStart(STACK, ['shceduler'], NOTHING)).toThrow(DevenvError);
  expect(() => planStart(STACK, ['shceduler'], NOTHING)).toThrow('The stack has no service "shceduler".');
});

test('Airflow 2 on SQLite has no dag-processor of its own', () => {
  const names = airflowStack({ database: 'sqlite', airflowVersion: '2.11.2', forks: false }).map(
    (each) => each.name,
  );
  expect(names).toEqual(['migrate', 'scheduler', 'triggerer', 'api-server']);
});

test('an unknown service is told with the nearest names', () => {
  expect(unknownService('schedular', ['scheduler', 'triggerer'])).toMatchObject({
    misuse: true,
    next: ['Did you mean scheduler?', 'Its services are: scheduler, triggerer'],
  });
});
