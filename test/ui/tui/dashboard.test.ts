import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { InterruptSignal } from '../../../src/context.ts';
import { DevenvError } from '../../../src/errors.ts';
import { canOpenDashboard, openDashboard, type DashboardOptions } from '../../../src/ui/tui/dashboard.ts';
import type { DashboardResult } from '../../../src/ui/tui/dashboardActions.ts';
import { createFakeTerminal } from '../support/fakeTerminal.ts';
import { waitUntil } from '../support/waitUntil.ts';
import { createFakeAirflow } from './support/fakeAirflow.ts';
import { createFakeKeyboard, createFakeScreen, type FakeScreen } from './support/fakeScreen.ts';
import {
  CLOCK,
  createFakeSupervisor,
  logEvent,
  service,
  stackEvent,
  stackView,
} from './support/fakeStack.ts';

test('it shows the stack, and what happens to it', async () => {
  const { screen, supervisor, leave } = await opened();
  expect(screen.text()).toContain('● ready        scheduler');
  supervisor.tell(
    stackEvent({
      event: 'service',
      service: service('scheduler', { status: 'failed', detail: 'ended with code 1' }),
    }),
  );
  await seen(screen, '✗ failed       scheduler');
  supervisor.tell(logEvent(1, 'scheduler', 'ImportError: no'));
  await seen(screen, 'ImportError: no');
  expect(supervisor.requests).toEqual([{ kind: 'subscribe', logs: true, history: 3000 }]);
  await leave();
});

test('leaving asks; Ctrl+C twice does not wait for an answer', async () => {
  for (const [keys, result] of [
    [['q', 'enter'], 'leave-running'],
    [['q', 's'], 'stop'],
    [['q', 'down', 'enter'], 'stop'],
    [['ctrl+c', 'ctrl+c'], 'leave-running'],
  ] as const) {
    const { screen, result: left } = await opened();
    screen.press(...keys);
    expect(await left).toBe(result);
    expect(screen.isClosed()).toBe(true);
  }
});

test('a signal is a Ctrl+C, or leaves the stack running', async () => {
  let signal: (name: InterruptSignal, count: number) => void = () => undefined;
  const onInterrupt = vi.fn<NonNullable<DashboardOptions['onInterrupt']>>((listener) => {
    signal = listener;
    return () => undefined;
  });
  const { screen, result } = await opened({ onInterrupt });
  signal('SIGINT', 1);
  await seen(screen, 'Leave the dashboard?');
  signal('SIGTERM', 2);
  expect(await result).toBe('leave-running');
  expect(screen.isClosed()).toBe(true);
});

test('a supervisor that is gone is waited for, and its lines do not come twice', async () => {
  const { screen, supervisor, result } = await opened({ retryMs: 200 });
  screen.press('2');
  supervisor.tell(logEvent(1, 'scheduler', 'once'));
  await seen(screen, 'once');
  supervisor.end();
  await seen(screen, '✗ the supervisor has ended');
  await seen(screen, '● ready');
  supervisor.tell(logEvent(1, 'scheduler', 'once'), logEvent(2, 'scheduler', 'twice'));
  await seen(screen, 'twice');
  expect(screen.text().match(/once/g)).toHaveLength(1);
  supervisor.tell(stackEvent({ event: 'stack', stack: stackView({ status: 'stopped' }) }));
  await seen(screen, '○ stopped');
  // There is nothing left to ask about.
  screen.press('q');
  expect(await result).toBe('leave-running');
});

test('Airflow is asked only for what is on the screen', async () => {
  const airflow = createFakeAirflow();
  const { screen, leave } = await opened({ api: () => airflow });
  await sleep(30);
  expect(airflow.asked).toEqual([]);
  screen.press('3');
  await seen(screen, 'ship_parcels');
  expect(airflow.asked).toEqual(['dags']);
  screen.press('enter');
  await seen(screen, 'double[1]');
  screen.press('down', 'enter');
  await seen(screen, 'double: line 40');
  screen.press('v');
  await seen(screen, 'return_value');
  screen.press('2');
  const asked = airflow.asked.length;
  await sleep(60);
  expect(airflow.asked).toHaveLength(asked);
  await leave();
});

test('DAGs are triggered and paused through the API, and it is said', async () => {
  const airflow = createFakeAirflow();
  const { screen, leave } = await opened({ api: () => airflow });
  screen.press('3');
  await seen(screen, 'ship_parcels');
  screen.press('down', 't');
  await seen(screen, 'Triggered manual__new; it waits, as ship_parcels is paused');
  screen.press('p');
  await seen(screen, 'ship_parcels is unpaused');
  expect(airflow.asked).toContain('setPaused ship_parcels false');
  await leave();
});

test('an API that fails is a line on the screen', async () => {
  const airflow = {
    ...createFakeAirflow(),
    dags: () => Promise.reject(new DevenvError({ code: 'api_failed', what: 'Airflow answered 500.' })),
  };
  const { screen, leave } = await opened({ api: () => airflow });
  screen.press('3');
  await seen(screen, '✗ Airflow answered 500.');
  await leave();
});

test('what an action does is said, and why it failed', async () => {
  const restart = vi.fn<(name?: string) => Promise<void>>(async () => undefined);
  const stop = async () => {
    throw new DevenvError({ code: 'x', what: 'It does not stop.' });
  };
  const { screen, leave } = await opened({ actions: { restart, stop } });
  screen.press('down', 'r');
  await seen(screen, 'Restarting preload: done');
  screen.press('R');
  await seen(screen, 'Restarting all services: done');
  expect(restart.mock.calls).toEqual([['preload'], [undefined]]);
  screen.press('s');
  await seen(screen, '✗ It does not stop.');
  // Not offered, so there is no such key.
  expect(screen.text()).not.toContain('open UI');
  await leave();
});

test('run-dag has the terminal until a key is pressed', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const keyboard = createFakeKeyboard();
  const runDag = vi.fn<(dagId: string) => Promise<void>>(async () => void terminal.write('it runs\n'));
  const { screen, leave } = await opened({
    stdout: terminal,
    stdin: keyboard,
    actions: { runDag },
    api: () => createFakeAirflow(),
  });
  screen.press('3');
  await seen(screen, 'ship_parcels');
  screen.press('x');
  await waitUntil(() => terminal.text().includes('Any key goes back'), terminal.text);
  expect(runDag).toHaveBeenCalledWith('orders');
  const frames = screen.frames.length;
  screen.options().onResize({ columns: 100, rows: 30 });
  expect(screen.frames).toHaveLength(frames);
  await sleep(150);
  keyboard.write(' ');
  await waitUntil(() => screen.frames.length > frames, screen.text);
  await leave();
});

test('copying: plain lines on the normal screen, none lost and none twice', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const keyboard = createFakeKeyboard();
  const { screen, supervisor, leave } = await opened({ stdout: terminal, stdin: keyboard });
  screen.press('2');
  for (let line = 0; line < 5; line += 1) supervisor.tell(logEvent(line, 'scheduler', `line ${line}.`));
  await seen(screen, 'line 4.');
  screen.press('c');
  await waitUntil(() => terminal.text().includes('line 4.'), terminal.text);
  supervisor.tell(logEvent(5, 'scheduler', 'line 5.'));
  await waitUntil(() => terminal.text().includes('line 5.'), terminal.text);
  for (let line = 0; line <= 5; line += 1)
    expect(terminal.text().split(`scheduler | line ${line}.`)).toHaveLength(2);
  keyboard.write('x');
  await waitUntil(() => screen.suspensions() === 1 && !keyboard.raw, screen.text);
  await leave();
});

test('nothing is drawn while nothing changes, and hidden lines draw nothing', async () => {
  const { screen, supervisor, leave } = await opened();
  screen.press('3');
  const frames = screen.frames.length;
  for (let line = 0; line < 50; line += 1) supervisor.tell(logEvent(line, 'scheduler', `line ${line}`));
  await sleep(200);
  expect(screen.frames.length - frames).toBeLessThanOrEqual(1);
  await leave();
});

test('a burst of lines is drawn a few times, not once a line', async () => {
  const { screen, supervisor, leave } = await opened();
  screen.press('2');
  const frames = screen.frames.length;
  for (let line = 0; line < 2000; line += 1) supervisor.tell(logEvent(line, 'scheduler', `line ${line}.`));
  await seen(screen, 'line 1999.');
  expect(screen.frames.length - frames).toBeLessThan(10);
  await leave();
});

test('a screen that breaks ends the dashboard with its error, closed', async () => {
  const { screen, result } = await opened();
  screen.break(new Error('no terminal any more'));
  await expect(result).rejects.toThrow('no terminal any more');
  expect(screen.isClosed()).toBe(true);
});

test.each([
  [true, {}],
  [false, { CI: 'true' }],
  [false, { TERM: 'dumb' }],
  [false, { INK_SCREEN_READER: 'true' }],
])('whether it can be opened is %s with %o', (expected, env) => {
  const stdout = createFakeTerminal({ columns: 80, rows: 24 });
  expect(canOpenDashboard({ stdin: createFakeKeyboard(), stdout, env })).toBe(expected);
  const pipe = createFakeTerminal({ columns: 80, rows: 24, isTTY: false });
  expect(canOpenDashboard({ stdin: createFakeKeyboard(), stdout: pipe, env })).toBe(false);
});

/** A dashboard that has seen the stack. */
async function opened(options: Partial<DashboardOptions> & { readonly retryMs?: number } = {}) {
  const screen = createFakeScreen();
  const supervisor = createFakeSupervisor([stackEvent({ event: 'stack', stack: stackView() })]);
  const result: Promise<DashboardResult> = openDashboard(
    {
      stdin: createFakeKeyboard(),
      stdout: createFakeTerminal({ columns: 80, rows: 24 }),
      env: { NO_COLOR: '1' },
      now: () => CLOCK,
      connect: () => supervisor.connection,
      api: () => undefined,
      actions: {},
      ...options,
    },
    { open: screen.open, retryMs: options.retryMs },
  );
  result.catch(() => undefined);
  await seen(screen, '● ready');
  async function leave(): Promise<void> {
    screen.press('ctrl+c', 'ctrl+c');
    expect(await result).toBe('leave-running');
  }
  return { screen, supervisor, result, leave };
}

async function seen(screen: FakeScreen, text: string): Promise<void> {
  await waitUntil(() => screen.text().includes(text), screen.text);
}
