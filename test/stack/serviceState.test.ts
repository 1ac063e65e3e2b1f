import { expect, test } from 'vitest';
import {
  backoff,
  EMPTY_STATE,
  nextState,
  type ServiceEvent,
  type ServiceState,
} from '../../src/stack/serviceState.ts';

/** Applies the events a second apart; a null leaves the state as it was. */
function after(events: readonly ServiceEvent[], from: ServiceState = EMPTY_STATE): ServiceState {
  return events.reduce((state, event, index) => nextState(state, event, (index + 1) * 1_000) ?? state, from);
}

const READY: readonly ServiceEvent[] = [
  { type: 'asked' },
  { type: 'begun' },
  { type: 'spawned', pid: 7 },
  { type: 'ready' },
];

test('a service goes from asked over begun to ready and keeps its pid', () => {
  expect(after(READY)).toMatchObject({
    status: 'ready',
    pid: 7,
    startedAt: 2_000,
    since: 4_000,
    restarts: 0,
  });
});

test('a task is over when it has completed, and has no pid then', () => {
  expect(after([{ type: 'asked' }, { type: 'begun' }, { type: 'completed' }])).toMatchObject({
    status: 'completed',
    pid: undefined,
  });
});

test('a service that was ready and ended is started again', () => {
  const state = after([...READY, { type: 'ended', detail: 'ended by SIGKILL' }]);
  expect(state).toMatchObject({
    status: 'backing-off',
    restarts: 1,
    detail: 'ended by SIGKILL',
    pid: undefined,
  });
  expect(after([{ type: 'begun' }, { type: 'spawned', pid: 8 }, { type: 'ready' }], state)).toMatchObject({
    status: 'ready',
    pid: 8,
    restarts: 1,
  });
});

test('a service that never was ready fails after its third end', () => {
  const once = after([{ type: 'asked' }, { type: 'begun' }, { type: 'ended', detail: 'ended with code 1' }]);
  expect(once.status).toBe('backing-off');
  const again = [{ type: 'begun' }, { type: 'ended', detail: 'ended with code 1' }] as const;
  expect(after([...again, ...again], once)).toMatchObject({
    status: 'failed',
    detail: 'ended with code 1',
    restarts: 2,
  });
});

test('a service that crashes in a loop fails when its budget is spent', () => {
  const crash: readonly ServiceEvent[] = [
    { type: 'begun' },
    { type: 'spawned', pid: 9 },
    { type: 'ready' },
    { type: 'ended', detail: 'x' },
  ];
  const state = after([
    ...READY,
    { type: 'ended', detail: 'x' },
    ...crash,
    ...crash,
    ...crash,
    ...crash,
    ...crash,
  ]);
  expect(state.status).toBe('failed');
});

test('failures of long ago do not count', () => {
  const old = { ...after([...READY, { type: 'ended', detail: 'x' }]), failures: [1, 2, 3, 4, 5] };
  const again = [{ type: 'begun' }, { type: 'ready' }] as const;
  const state = again.reduce<ServiceState>((each, event) => nextState(each, event, 500_000) ?? each, old);
  expect(nextState(state, { type: 'ended', detail: 'x' }, 500_000)?.status).toBe('backing-off');
});

test('each try waits longer than the one before, up to a limit', () => {
  const waits = [1, 2, 3, 10].map((count) => backoff({ failures: Array.from({ length: count }, () => 0) }));
  expect(waits).toEqual([250, 500, 1_000, 15_000]);
});

test('stopping a running service takes until it has ended, whoever says so first', () => {
  const stopping = after([...READY, { type: 'stop' }]);
  expect(stopping.status).toBe('stopping');
  expect(after([{ type: 'ended', detail: 'x' }], stopping).status).toBe('stopped');
  expect(after([{ type: 'stopped' }], stopping)).toMatchObject({ status: 'stopped', pid: undefined });
});

test('a service that only waits is stopped at once', () => {
  expect(after([{ type: 'asked' }, { type: 'stop' }]).status).toBe('stopped');
});

test.each<[string, readonly ServiceEvent[], ServiceEvent]>([
  ['a heartbeat of a service that was stopped', [...READY, { type: 'stop' }], { type: 'ready' }],
  [
    'the end of a service that has been stopped',
    [...READY, { type: 'stop' }, { type: 'stopped' }],
    { type: 'ended', detail: '' },
  ],
  ['asking for a service that runs', READY, { type: 'asked' }],
  ['a second begin', READY, { type: 'begun' }],
  ['a refusal after a stop', [...READY, { type: 'stop' }], { type: 'refused', detail: '' }],
  [
    'silence of a service that is not ready yet',
    [{ type: 'asked' }, { type: 'begun' }],
    { type: 'silent', detail: '' },
  ],
])('%s means nothing', (_name, events, late) => {
  expect(nextState(after(events), late, 99_000)).toBeNull();
});

test('a silent service is unhealthy until it gives a sign of life', () => {
  const silent = after([...READY, { type: 'silent', detail: 'no sign of life for 31 s' }]);
  expect(silent).toMatchObject({ status: 'unhealthy', pid: 7 });
  expect(after([{ type: 'ready' }], silent).status).toBe('ready');
});

test('a failed service may be asked for again and starts with a clean slate', () => {
  const failed = after([{ type: 'asked' }, { type: 'refused', detail: 'postgres does not run' }]);
  expect(failed.status).toBe('failed');
  expect(after([{ type: 'asked' }], failed)).toMatchObject({
    status: 'waiting',
    failures: [],
  });
});
