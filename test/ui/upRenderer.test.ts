import { expect, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import type { StackEvent } from '../../src/stack/events.ts';
import { createStyle } from '../../src/ui/style.ts';
import { createUpLiveRenderer } from '../../src/ui/upLiveRenderer.ts';
import { createUpPlainRenderer } from '../../src/ui/upPlainRenderer.ts';
import { createUpRenderer, type UpRendererOptions } from '../../src/ui/upRenderer.ts';
import { createFakeTerminal, type FakeTerminal } from './support/fakeTerminal.ts';
import { waitUntil } from './support/waitUntil.ts';
import { CLOCK, logEvent, service, stackEvent, stackView } from './tui/support/fakeStack.ts';

const NAMES = ['postgres', 'scheduler'] as const;
const SILENT = {
  progress: () => undefined,
  hide: () => undefined,
  redirect: () => undefined,
  close: () => undefined,
};

/** A start of two services, the way the supervisor tells it. */
const START: readonly StackEvent[] = [
  stackEvent({
    event: 'stack',
    stack: stackView({ status: 'starting', services: NAMES.map((name) => waiting(name)) }),
  }),
  changed('postgres', { status: 'starting', since: CLOCK, startedAt: CLOCK }),
  changed('postgres', { since: CLOCK + 120, startedAt: CLOCK }),
  changed('scheduler', {
    status: 'starting',
    since: CLOCK + 120,
    startedAt: CLOCK + 120,
    detail: 'for its first heartbeat',
  }),
  changed('scheduler', { since: CLOCK + 520, startedAt: CLOCK + 120 }),
  stackEvent({
    event: 'stack',
    stack: stackView({
      services: [
        service('postgres', { since: CLOCK + 120, startedAt: CLOCK }),
        service('scheduler', { since: CLOCK + 520, startedAt: CLOCK + 120 }),
      ],
    }),
  }),
];

test('plain: one line for each change on stderr, what came of it on stdout', async () => {
  const { out, err, renderer } = create('plain');
  for (const event of START) renderer.event(event);
  await renderer.close();
  expect(err.text()).toBe('✓ postgres ready (0.12 s)\n✓ scheduler ready (0.40 s)\n');
  expect(out.text()).toBe('Airflow 3.3.2 is ready (0.00 s)\nhttp://127.0.0.1:8080  (devenv open)\n');
});

test('plain: what ran before is no news', async () => {
  const { err, renderer } = create('plain');
  renderer.event(stackEvent({ event: 'stack', stack: stackView() }));
  await renderer.close();
  expect(err.text()).toBe('');
});

test('plain: a service that fails shows its last lines at once', async () => {
  const { out, err, renderer } = create('plain');
  for (const event of START.slice(0, 4)) renderer.event(event);
  for (let line = 0; line < 40; line += 1) renderer.event(logEvent(line, 'scheduler', `line ${line}`));
  renderer.event(logEvent(40, 'postgres', 'not of interest'));
  renderer.event(
    changed('scheduler', {
      status: 'failed',
      detail: 'ended with code 1',
      since: CLOCK + 400,
      startedAt: CLOCK + 120,
    }),
  );
  const lines = err.text().split('\n');
  expect(lines[1]).toBe('✗ scheduler failed: ended with code 1 (0.28 s)');
  expect(lines.slice(2, -1)).toHaveLength(20);
  expect(lines[2]).toBe('  | line 20');
  expect(lines.at(-2)).toBe('  | line 39');
  renderer.error(new DevenvError({ code: 'service_failed', what: 'scheduler failed.' }));
  await renderer.close();
  expect(out.text()).toBe('');
  expect(err.text()).toContain('error: scheduler failed.');
});

test('plain: what ends and is started again is told', () => {
  const { err, renderer } = create('plain');
  for (const event of START) renderer.event(event);
  renderer.event(changed('scheduler', { status: 'backing-off', detail: 'was ended by SIGKILL' }));
  renderer.event(changed('scheduler', { status: 'unhealthy', detail: 'no heartbeat for 30 s' }));
  expect(err.text()).toContain('↻ scheduler backing-off: was ended by SIGKILL\n');
  expect(err.text()).toContain('! scheduler unhealthy: no heartbeat for 30 s\n');
});

test('plain: who waits long is reminded of what is waited for', async () => {
  const err = createFakeTerminal({ columns: 80, rows: 24, isTTY: false });
  const output = { stream: err, style: createStyle(false) };
  const renderer = createUpPlainRenderer({
    ...{ out: output, err: output, progress: SILENT, reminderMs: 5 },
    now: () => CLOCK + 20_000,
  });
  for (const event of START.slice(0, 4)) renderer.event(event);
  await waitUntil(() => err.text().includes('…'), err.text);
  expect(err.text()).toContain('… scheduler starting for 19.9 s: for its first heartbeat');
  await renderer.close();
});

test('plain: stopping names each service, and says how long it took', async () => {
  const { out, err, renderer } = create('plain');
  renderer.event(
    stackEvent({ event: 'stack', stack: stackView({ services: NAMES.map((name) => service(name)) }) }),
  );
  for (const name of NAMES) {
    renderer.event(changed(name, { status: 'stopping', since: CLOCK }));
    renderer.event(changed(name, { status: 'stopped', since: CLOCK + 300 }));
  }
  await renderer.close();
  expect(err.text()).toBe('✓ postgres stopped (0.30 s)\n✓ scheduler stopped (0.30 s)\n');
  expect(out.text()).toBe('Stopped (0.00 s)\n');
});

test('plain: a task that has long done its work is not told as stopped', async () => {
  const { err, renderer } = create('plain');
  const migrate = service('migrate', { status: 'completed', kind: 'task', since: CLOCK - 249_000 });
  renderer.event(stackEvent({ event: 'stack', stack: stackView({ services: [migrate] }) }));
  renderer.event(changed('migrate', { status: 'stopped', kind: 'task', since: CLOCK }));
  await renderer.close();
  expect(err.text()).not.toContain('migrate');
});

test('quiet: neither notes nor progress, but what went wrong', async () => {
  const { out, err, renderer } = create('quiet');
  renderer.note('stack: was not running');
  renderer.progress({ type: 'message', level: 'info', text: '~ updated variable a' });
  renderer.problem('✗ failed variable b');
  await renderer.close();
  expect([out.text(), err.text()]).toEqual(['', '✗ failed variable b\n']);
});

test('json: the events unchanged, one a line', async () => {
  const { out, err, renderer } = create('json');
  for (const event of START) renderer.event(event);
  renderer.note('Stopping…');
  renderer.progress({ type: 'step', id: 'a', text: 'Installing', state: 'done' });
  await renderer.close();
  const lines = out.text().trim().split('\n');
  expect(lines.slice(0, START.length)).toEqual(START.map((event) => JSON.stringify(event)));
  expect(lines.slice(START.length).map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    'progress',
    'progress',
  ]);
  expect(err.text()).toBe('');
});

test('quiet: the URL, and on stderr only what went wrong', async () => {
  const { out, err, renderer } = create('quiet');
  for (const event of START) renderer.event(event);
  await renderer.close();
  expect(out.text()).toBe('http://127.0.0.1:8080\n');
  expect(err.text()).toBe('');
  const failing = create('quiet');
  for (const event of START.slice(0, 4)) failing.renderer.event(event);
  failing.renderer.event(logEvent(1, 'scheduler', 'ImportError: no'));
  failing.renderer.event(changed('scheduler', { status: 'failed', detail: 'ended with code 1' }));
  expect(failing.err.text()).toContain('✗ scheduler failed: ended with code 1');
  expect(failing.err.text()).toContain('| ImportError: no');
});

test('live: a start that is over soon never loads ink, and leaves one line a service', async () => {
  const { out, err, renderer } = live({
    load: () => {
      throw new Error('ink was loaded');
    },
  });
  for (const event of START) renderer.event(event);
  await renderer.close();
  expect(err.text()).toBe('● ready        postgres     0.12 s\n● ready        scheduler    0.40 s\n');
  expect(out.text()).toContain('Airflow 3.3.2 is ready');
});

test('live: a longer one has a line a service, with what it waits for', async () => {
  const { err, renderer } = live({ patienceMs: 0 });
  for (const event of START.slice(0, 4)) renderer.event(event);
  await waitUntil(() => err.text().includes('1/2 services'), err.text);
  expect(err.text()).toContain('▸ starting     scheduler     0.9 s  for its first heartbeat');
  for (const event of START.slice(4)) renderer.event(event);
  await renderer.close();
  expect(err.text()).not.toContain('1/2 services');
  expect(err.text()).toContain('● ready        scheduler    0.40 s');
  expect(err.writes.join('')).toContain('\u001B[?25h');
});

test('live: after a dashboard it begins anew', async () => {
  const { err, out, renderer } = live({});
  for (const event of START) renderer.event(event);
  renderer.handOver();
  await renderer.close();
  expect(err.text()).toBe('');
  expect(out.text()).toBe('');
});

test.each([{ NO_COLOR: '' }, { NO_COLOR: '1' }])('colours are %o', async (env) => {
  const out = createFakeTerminal({ columns: 80, rows: 24 });
  const err = createFakeTerminal({ columns: 80, rows: 24 });
  const renderer = createUpRenderer({ mode: 'plain', stdout: out, stderr: err, env, now: () => CLOCK });
  for (const event of START) renderer.event(event);
  await renderer.close();
  expect(err.writes.join('').includes('\u001B[32m')).toBe(env.NO_COLOR === '');
});

test('a dumb terminal and CI get plain lines', async () => {
  for (const env of [{ TERM: 'dumb' }, { CI: 'true' }]) {
    const err = createFakeTerminal({ columns: 80, rows: 24 });
    const renderer = createUpRenderer({
      mode: 'auto',
      stdout: err,
      stderr: err,
      env: { ...env, NO_COLOR: '1' },
      now: () => CLOCK,
    });
    renderer.event(START[0]!);
    renderer.event(START[2]!);
    expect(err.text()).toBe('✓ postgres ready (0.12 s)\n');
    await renderer.close();
  }
});

function create(mode: UpRendererOptions['mode']) {
  const out = createFakeTerminal({ columns: 80, rows: 24, isTTY: false });
  const err = createFakeTerminal({ columns: 80, rows: 24, isTTY: false });
  const renderer = createUpRenderer({ mode, stdout: out, stderr: err, env: {}, now: () => CLOCK });
  return { out, err, renderer };
}

function live(options: Partial<Parameters<typeof createUpLiveRenderer>[0]>) {
  const out = createFakeTerminal({ columns: 80, rows: 24, isTTY: false });
  const err: FakeTerminal = createFakeTerminal({ columns: 80, rows: 24 });
  const style = createStyle(false);
  const renderer = createUpLiveRenderer({
    out: { stream: out, style },
    err: { stream: err, style },
    now: () => CLOCK + 1000,
    progress: SILENT,
    ...options,
  });
  return { out, err, renderer };
}

function waiting(name: string) {
  return service(name, { status: 'waiting', since: CLOCK - 1, detail: 'waits' });
}

function changed(name: string, fields: Parameters<typeof service>[1]): StackEvent {
  return stackEvent({ event: 'service', service: service(name, fields) });
}
