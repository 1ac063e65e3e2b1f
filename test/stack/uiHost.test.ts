import { expect, test } from 'vitest';
import { uiHost } from '../../src/stack/uiHost.ts';

const KEY = 'the-access-key';
const platform = 'linux';

test('the name says which project it is, and holds what only the project knows', async () => {
  const name = await uiHost('/work/My Orders', KEY, { platform });
  expect(name).toMatch(/^my-orders-[\da-f]{10}\.localhost$/);
  expect(await uiHost('/work/My Orders', KEY, { platform })).toBe(name);
  expect(await uiHost('/work/My Orders', 'another', { platform })).not.toBe(name);
});

test.each(['/', '/work/表', `/work/${'long'.repeat(30)}`, '/work/-_-'])(
  '%s has a name, too',
  async (root) => {
    expect(await uiHost(root, KEY, { platform })).toMatch(/^[a-z\d]([a-z\d-]{0,40})\.localhost$/);
  },
);

test('where browsers ask the system, the system has to know the name', async () => {
  const ask = (answer: boolean) =>
    uiHost('/work/orders', KEY, { platform: 'darwin', isLoopback: async () => answer });
  expect(await ask(true)).toMatch(/\.localhost$/);
  expect(await ask(false)).toBe('127.0.0.1');
});
