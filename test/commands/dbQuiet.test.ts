import { expect, test } from 'vitest';
import { runningServices } from '../../src/commands/dbQuiet.ts';
import type { StackEvent } from '../../src/stack/events.ts';
import type { StackConnection } from '../../src/stack/protocol.ts';

test('services that do not use the database are not in its way', async () => {
  const services = ['postgres', 'hdfs', 'kubernetes', 'preload', 'scheduler'].map((name) => ({
    name,
    status: 'ready',
  }));
  const connection: StackConnection = {
    async *request(): AsyncGenerator<StackEvent> {
      yield { v: 1, time: 0, event: 'stack', stack: { services } } as unknown as StackEvent;
    },
  };
  expect((await runningServices(connection)).map(({ name }) => name)).toEqual(['scheduler']);
});
