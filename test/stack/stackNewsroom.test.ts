import { expect, test } from 'vitest';
import type { ServiceStatus, ServiceView } from '../../src/stack/events.ts';
import { StackNewsroom } from '../../src/stack/stackNewsroom.ts';
import type { Supervised } from '../../src/stack/supervised.ts';
import type { StackNews } from '../../src/stack/supervisorServer.ts';

test('what follows from all services together is told once, when it changes', () => {
  const { told, change } = newsroomOf(['postgres', 'scheduler']);
  change('postgres', 'starting');
  change('postgres', 'ready');
  change('scheduler', 'starting');
  change('scheduler', 'ready');
  change('scheduler', 'unhealthy');
  expect(told()).toEqual(['starting', 'ready', 'starting', 'ready', 'degraded']);
});

test('a stack that is being ended is over when its last service is', () => {
  const { told, change } = newsroomOf(['postgres', 'scheduler'], true);
  change('scheduler', 'stopped');
  change('postgres', 'stopping');
  change('postgres', 'stopped');
  expect(told()).toEqual(['stopping', 'stopped']);
});

function newsroomOf(names: readonly string[], isShuttingDown = false) {
  const status = new Map<string, ServiceStatus>(
    names.map((name) => [name, isShuttingDown ? 'ready' : 'stopped']),
  );
  const view = (name: string): ServiceView => ({
    name,
    kind: 'process',
    status: status.get(name) ?? 'stopped',
    since: 0,
    restarts: 0,
  });
  const stack = {
    project: { root: '/p', airflow: { version: '3.3.2' } },
    engine: { definitions: names.map((name) => ({ name })), state: () => ({}) },
    prepared: undefined,
    startedAt: 0,
    isShuttingDown,
    logs: { last: () => [] },
    view,
  } as unknown as Supervised;
  const news: StackNews[] = [];
  const newsroom = new StackNewsroom(stack, 'linux');
  newsroom.subscribe({ send: (each) => news.push(each), logs: true }, false);
  return {
    told: () => news.flatMap((each) => (each.event === 'stack' ? [each.stack.status] : [])),
    change: (name: string, to: ServiceStatus): void => {
      status.set(name, to);
      newsroom.tell({ event: 'service', service: view(name) });
    },
  };
}
