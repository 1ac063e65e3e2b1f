import { expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/style.ts';
import { textWidth } from '../../../src/ui/textWidth.ts';
import { KEY_BINDINGS } from '../../../src/ui/tui/keys.ts';
import type { Size } from '../../../src/ui/tui/model.ts';
import { frame } from '../../../src/ui/tui/views/frame.ts';
import { driven, drivenRun, type Driven } from './support/dashboardState.ts';
import { RUN, TASKS } from './support/fakeAirflow.ts';
import { CLOCK, logEvent, service, stackEvent, stackView } from './support/fakeStack.ts';

const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
  { columns: 40, rows: 10 },
];

const SCENES: Readonly<Record<string, (size: Size) => Driven>> = {
  'connecting': (size) => {
    const it = driven(size);
    return { ...it, state: { ...it.state, model: { steps: new Map() }, link: 'connecting' } };
  },
  'starting': (size) => starting(driven(size)),
  'services': (size) => driven(size).press('down', 'down', 'down'),
  'failed-service': (size) => failed(driven(size)),
  'supervisor-lost': (size) => driven(size).tell({ type: 'link', link: 'lost' }),
  'logs': (size) => driven(size).press('2'),
  'logs-searched': (size) =>
    driven(size).press('2', '/', 'L', 'i', 'backspace', 'backspace', 'l', 'i', 'n', 'e', ' ', '1', 'enter'),
  'logs-typing': (size) => driven(size).press('2', '/', 'x'),
  'dags': (size) => driven(size).press('3', 'down'),
  'run': (size) => drivenRun(size).press('down', 'down'),
  'task-log': (size) => task(size),
  'task-xcom': (size) => task(size).press('v'),
  'errors': (size) => failed(driven(size)).press('4'),
  'help': (size) => driven(size).press('3', '?'),
  'palette': (size) => driven(size).press(':', 'r', 'e', 's'),
  'palette-of-a-run': (size) => drivenRun(size).press(':'),
  'quit': (size) => driven(size).press('q'),
};

for (const size of SIZES) {
  const name = `${size.columns}x${size.rows}`;
  test.each(Object.keys(SCENES))(`%s at ${name}`, async (scene) => {
    const { state, logs } = SCENES[scene]!(size);
    const lines = frame(state, logs, CLOCK, createStyle(false));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`frames/${scene}-${name}.txt`);
    expect(lines).toHaveLength(size.rows - 1);
  });
}

test('whatever is pressed, no line is wider and no frame as tall as the screen', () => {
  const random = createRandom(4);
  const keys = [...new Set(KEY_BINDINGS.flatMap((each) => each.keys)), 'a', 'é', '模', 'ctrl+x', 'unknown'];
  for (let round = 0; round < 25; round += 1) {
    const size = { columns: 1 + random(120), rows: 1 + random(40) };
    const it = round % 2 === 0 ? task(size) : failed(driven(size));
    const style = createStyle(round % 3 === 0);
    let sequence = 100;
    for (let step = 0; step < 60; step += 1) {
      it.press(keys[random(keys.length)] ?? '');
      if (step % 10 === 0)
        it.tell({ type: 'resized', size: { columns: 1 + random(120), rows: 1 + random(40) } });
      const event = logEvent(
        (sequence += 1),
        'scheduler',
        `漢字 \u001B[31m${'wörd '.repeat(random(60))}\u001B[0m\tend`,
      );
      if (event.event === 'log') it.logs.add(event);
      const lines = frame(it.state, it.logs, CLOCK, style);
      expect(offences(lines, it.state.size)).toEqual([]);
    }
  }
});

test('columns stay where they are while numbers change', () => {
  const it = driven();
  const before = frame(it.state, it.logs, CLOCK, createStyle(false)).slice(2, 5);
  const grown = stackView().services.map((each) => ({
    ...each,
    cpuPercent: 99.9,
    memoryBytes: 1024 ** 3,
    restarts: 12,
  }));
  it.tell({ type: 'stack', event: stackEvent({ event: 'stack', stack: stackView({ services: grown }) }) });
  const after = frame(it.state, it.logs, CLOCK, createStyle(false)).slice(2, 5);
  expect(after[0]).toBe(before[0]);
  expect(after[1]?.length).toBe(before[1]?.length);
});

function starting(it: Driven): Driven {
  const services = stackView().services.map(({ name, kind }, index) => {
    if (index < 2) return service(name, { kind, startedAt: CLOCK - 90_400 });
    const waits = index > 2;
    const detail = waits ? 'waits for migrate' : 'creating tables';
    return service(name, { kind, status: waits ? 'waiting' : 'starting', since: CLOCK - 1234, detail });
  });
  const { url: _, ...stack } = stackView({ status: 'starting', services, startedAt: CLOCK - 1500 });
  it.tell({ type: 'stack', event: stackEvent({ event: 'stack', stack }) });
  const progress = {
    type: 'step',
    id: 'db',
    text: 'Migrating the database',
    state: 'working',
    current: 3,
    total: 40,
  } as const;
  return it.tell({ type: 'stack', event: stackEvent({ event: 'progress', progress }) });
}

function failed(it: Driven): Driven {
  const scheduler = service('scheduler', { status: 'failed', detail: 'ended with code 1', restarts: 2 });
  it.tell({ type: 'stack', event: stackEvent({ event: 'service', service: scheduler }) });
  const text = 'Traceback (most recent call last):\n  File "dags/broken.py", line 3\nImportError: no';
  const errors = [{ file: '/home/ann/orders/dags/broken.py', text }];
  return it.tell({ type: 'seen', sight: { look: 'errors', errors } });
}

function task(size: Size): Driven {
  const it = drivenRun(size).press('enter');
  const log = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`);
  const xcoms = [{ key: 'return_value', value: '{"rows": 5,\n "día": "früh"}' }];
  const name = { ...RUN, taskId: 'extract', mapIndex: -1, tryNumber: 1 };
  return it.tell({ type: 'seen', sight: { look: 'task', name, tasks: TASKS, log, xcoms } });
}

function offences(lines: readonly string[], { columns, rows }: Size): readonly string[] {
  const wide = lines.filter((line) => textWidth(line) > columns || /[\n\r\t]/.test(line));
  const tall = lines.length > Math.max(1, rows - 1) ? [`${lines.length} lines on ${rows} rows`] : [];
  return [...wide.map((line) => `${JSON.stringify(line)} on ${columns} columns`), ...tall];
}

/** The same numbers in every run of the test. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
