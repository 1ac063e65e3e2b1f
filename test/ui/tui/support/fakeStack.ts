import type { ServiceView, StackEvent, StackView } from '../../../../src/stack/events.ts';
import type { StackConnection, StackRequest } from '../../../../src/stack/protocol.ts';

/** A fixed time in the tests of frames. */
export const CLOCK = Date.UTC(2026, 10, 21, 12, 0, 0);

const MEGABYTE = 1024 * 1024;

export function service(name: string, fields: Partial<ServiceView> = {}): ServiceView {
  return { name, kind: 'process', status: 'ready', since: CLOCK - 90_000, restarts: 0, ...fields };
}

/** All services of a stack on Postgres, each running for 90 seconds. */
export const READY_SERVICES: readonly ServiceView[] = [
  running('postgres', 201, 0.4, 38),
  running('preload', 202, 0, 171),
  service('migrate', { kind: 'task', status: 'completed', startedAt: CLOCK - 90_700 }),
  running('scheduler', 204, 3.1, 64),
  running('dag-processor', 205, 1.2, 58),
  running('triggerer', 206, 0.8, 41),
  { ...running('api-server', 207, 12.6, 88), url: 'http://127.0.0.1:8080' },
];

export function stackView(fields: Partial<StackView> = {}): StackView {
  return {
    status: 'ready',
    project: '/home/ann/orders',
    airflowVersion: '3.3.2',
    pythonVersion: '3.12.11',
    pid: 100,
    startedAt: CLOCK - 92_000,
    url: 'http://127.0.0.1:8080',
    services: READY_SERVICES,
    ...fields,
  };
}

/** An event as the supervisor sends it, without its envelope. */
export type BareEvent = StackEvent extends infer E
  ? E extends StackEvent
    ? Omit<E, 'v' | 'time'>
    : never
  : never;

export function stackEvent(event: BareEvent, time = CLOCK): StackEvent {
  return { v: 1, time, ...event };
}

export function logEvent(sequence: number, serviceName: string, text: string): StackEvent {
  return stackEvent({ event: 'log', sequence, service: serviceName, text });
}

/** A supervisor whose events are told by the test. */
export interface FakeSupervisor {
  readonly connection: StackConnection;
  readonly requests: StackRequest[];
  /** To everybody who follows. */
  tell(...events: readonly StackEvent[]): void;
  /** As if it were killed. */
  end(): void;
}

export function createFakeSupervisor(first: readonly StackEvent[]): FakeSupervisor {
  const requests: StackRequest[] = [];
  const followers = new Set<{ readonly queue: StackEvent[]; ended: boolean; wake: () => void }>();
  async function* events(signal?: AbortSignal): AsyncGenerator<StackEvent> {
    const follower = { queue: [...first], ended: false, wake: (): void => undefined };
    followers.add(follower);
    signal?.addEventListener('abort', () => {
      follower.ended = true;
      follower.wake();
    });
    for (;;) {
      const next = follower.queue.shift();
      if (next !== undefined) yield next;
      else if (follower.ended) break;
      else await new Promise<void>((resolve) => (follower.wake = resolve));
    }
    followers.delete(follower);
  }
  return {
    connection: {
      request(request, signal) {
        requests.push(request);
        return events(signal);
      },
    },
    requests,
    tell(...news) {
      for (const follower of followers) {
        follower.queue.push(...news);
        follower.wake();
      }
    },
    end() {
      for (const follower of followers) {
        follower.ended = true;
        follower.wake();
      }
    },
  };
}

function running(name: string, pid: number, cpuPercent: number, megabytes: number): ServiceView {
  return service(name, {
    pid,
    startedAt: CLOCK - 91_000,
    cpuPercent,
    memoryBytes: megabytes * MEGABYTE,
  });
}
