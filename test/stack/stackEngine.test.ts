import { expect, test } from 'vitest';
import type { ServiceDriver, ServiceSignal, Tell } from '../../src/services/driver.ts';
import type { ServiceDefinition } from '../../src/services/service.ts';
import { StackEngine } from '../../src/stack/stackEngine.ts';

/** A service that does what the test says. */
class FakeService implements ServiceDriver {
  starts = 0;
  stops = 0;
  #tell: Tell = () => {};
  #over = Promise.withResolvers<void>();

  readonly onStart: (service: FakeService) => void;

  constructor(onStart: (service: FakeService) => void = (service) => service.tell({ type: 'ready' })) {
    this.onStart = onStart;
  }

  async run(tell: Tell): Promise<void> {
    this.starts += 1;
    this.#tell = tell;
    this.#over = Promise.withResolvers<void>();
    tell({ type: 'spawned', pid: 100 + this.starts });
    this.onStart(this);
    await this.#over.promise;
  }

  async stop(): Promise<void> {
    this.stops += 1;
    this.#over.resolve();
  }

  tell(signal: ServiceSignal): void {
    this.#tell(signal);
    if (signal.type === 'ended') this.#over.resolve();
  }
}

const DEFINITIONS: readonly ServiceDefinition[] = [
  { name: 'base', kind: 'process', needs: [], description: '' },
  { name: 'task', kind: 'task', needs: [{ service: 'base', condition: 'ready' }], description: '' },
  { name: 'top', kind: 'process', needs: [{ service: 'task', condition: 'completed' }], description: '' },
];

function setUp(services: Partial<Record<string, FakeService>> = {}) {
  const fakes: Record<string, FakeService> = {
    base: new FakeService(),
    task: new FakeService((service) => service.tell({ type: 'completed' })),
    top: new FakeService(),
  };
  Object.assign(fakes, services);
  const changes: string[] = [];
  const errors: unknown[] = [];
  const engine = new StackEngine({
    definitions: DEFINITIONS,
    driverOf: (name) => fakes[name]!,
    onChange: (name, state) => changes.push(`${name} ${state.status}`),
    onError: (_name, error) => errors.push(error),
    now: Date.now,
  });
  return { engine, fakes, changes, errors };
}

const NEVER = new AbortController().signal;

test('services start in the order of their needs', async () => {
  const { engine, changes } = setUp();
  expect(await engine.settled(engine.start([]), NEVER)).toBeUndefined();
  const readyOnes = changes.filter((each) => /ready|completed/.test(each));
  expect([...new Set(readyOnes)]).toEqual(['base ready', 'task completed', 'top ready']);
});

test('a service that ends by itself is started again', async () => {
  const { engine, fakes } = setUp();
  await engine.settled(engine.start([]), NEVER);
  fakes['top']!.tell({ type: 'ended', detail: 'ended by SIGKILL' });
  expect(engine.state('top').status).toBe('backing-off');
  await expect.poll(() => engine.state('top').status).toBe('ready');
  expect(fakes['top']!.starts).toBe(2);
});

test('what depends on a service that has failed is given up, and the failed one is named', async () => {
  const { engine } = setUp({
    base: new FakeService((service) => service.tell({ type: 'ended', detail: 'code 1' })),
  });
  const names = engine.start([]);
  expect(await engine.settled(names, NEVER)).toBe('base');
  expect(engine.state('top')).toMatchObject({ status: 'failed' });
});

test('a driver that throws makes its service fail with the reason', async () => {
  const broken = new FakeService(() => {
    throw new Error('no such thing');
  });
  const { engine, errors } = setUp({ base: broken });
  expect(await engine.settled(engine.start([]), NEVER)).toBe('base');
  expect(engine.state('base').detail).toBe('no such thing');
  expect(errors).toHaveLength(1);
});

test('stopping one stops what needs it first', async () => {
  const { engine, changes } = setUp();
  await engine.settled(engine.start([]), NEVER);
  changes.length = 0;
  await engine.stop(['base']);
  expect(changes.filter((each) => each.endsWith('stopped'))).toEqual([
    'task stopped',
    'top stopped',
    'base stopped',
  ]);
});

test('a service that outlives another is stopped when that one has stopped', async () => {
  const stops: string[] = [];
  const [first, second] = ['worker', 'listener'].map((name) => {
    const service = new FakeService();
    const stop = service.stop.bind(service);
    service.stop = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      stops.push(name);
      await stop();
    };
    return service;
  });
  const definitions: ServiceDefinition[] = [
    { name: 'worker', kind: 'process', needs: [], description: '' },
    { name: 'listener', kind: 'process', needs: [], outlives: ['worker'], description: '' },
  ];
  const engine = new StackEngine({
    definitions,
    driverOf: (name) => (name === 'worker' ? first! : second!),
    onChange: () => {},
    onError: () => {},
    now: Date.now,
  });
  await engine.settled(engine.start([]), NEVER);
  await engine.stop(['worker', 'listener']);
  expect([...new Set(stops)]).toEqual(['worker', 'listener']);
});

test('a restart brings back what it had to stop', async () => {
  const { engine, fakes } = setUp();
  await engine.settled(engine.start([]), NEVER);
  await engine.settled(await engine.restart(['base']), NEVER);
  expect([fakes['base']!.starts, fakes['task']!.starts, fakes['top']!.starts]).toEqual([2, 2, 2]);
});

test('who waits for a service goes on waiting while it is restarted', async () => {
  const { engine, fakes } = setUp({ top: new FakeService(() => {}) });
  const settled = engine.settled(engine.start([]), NEVER);
  await engine.restart(['top']);
  fakes['top']!.tell({ type: 'ready' });
  expect(await settled).toBeUndefined();
});

test('a stop that is asked for during a restart comes after it, and nothing is left running', async () => {
  const { engine, fakes } = setUp();
  await engine.settled(engine.start([]), NEVER);
  const restarted = engine.restart(['top']);
  await engine.stop(['base']);
  await restarted;
  expect(['base', 'task', 'top'].map((name) => engine.state(name).status)).toEqual([
    'stopped',
    'stopped',
    'stopped',
  ]);
  expect(fakes['top']!.starts).toBe(2);
});

test('who waits goes on waiting from the moment a restart is asked for, though the old one got ready meanwhile', async () => {
  const { engine, fakes } = setUp({ top: new FakeService(() => {}) });
  const settled = engine.settled(engine.start([]), NEVER);
  const between = Promise.withResolvers<void>();
  const restarted = engine.restart(['top'], () => between.promise);
  await expect.poll(() => engine.state('top').status).toBe('stopped');
  between.resolve();
  await restarted;
  fakes['top']!.tell({ type: 'ready' });
  expect(await settled).toBeUndefined();
  expect(fakes['top']!.starts).toBe(2);
});

test('two restarts at once start a service twice, one after the other', async () => {
  const { engine, fakes } = setUp();
  await engine.settled(engine.start([]), NEVER);
  await Promise.all([engine.restart(['top']), engine.restart(['top'])]);
  await engine.settled(new Set(['top']), NEVER);
  expect([fakes['top']!.starts, fakes['top']!.stops]).toEqual([3, 4]);
});

test('a stop during the start ends what has begun and starts nothing more', async () => {
  const { engine, fakes } = setUp({ base: new FakeService(() => {}) });
  engine.start([]);
  await engine.stop(['base', 'task', 'top']);
  expect(engine.state('base').status).toBe('stopped');
  expect(fakes['top']!.starts).toBe(0);
});

test('waiting ends with the signal', async () => {
  const { engine } = setUp({ base: new FakeService(() => {}) });
  const controller = new AbortController();
  const settled = engine.settled(engine.start([]), controller.signal);
  controller.abort(new Error('enough'));
  await expect(settled).rejects.toThrow('enough');
});
