import { mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeEnterPages, writeEnterPage } from '../../src/stack/enterPage.ts';

const URL_WITH_TICKET = 'http://127.0.0.1:8080/devenv/enter?ticket=1.a.b&to=%2F"';
let state: string;

beforeEach(async () => {
  state = await mkdtemp(path.join(tmpdir(), 'devenv-enter-'));
});
afterEach(async () => {
  await rm(state, { recursive: true, force: true });
});

test('the page is for its owner only, and its name tells nothing', async () => {
  const file = await writeEnterPage(state, URL_WITH_TICKET, Date.now());
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  expect(path.basename(file)).toMatch(/^[\da-f]{16}\.html$/);
});

test('the page leads to the address', async () => {
  const text = await readFile(await writeEnterPage(state, URL_WITH_TICKET, Date.now()), 'utf8');
  expect(text).toContain('content="0;url=http://127.0.0.1:8080/devenv/enter?ticket=1.a.b&amp;to=%2F&quot;"');
});

test('pages whose ticket has long been worthless are removed by the next one, all of them with the stack', async () => {
  const old = await writeEnterPage(state, URL_WITH_TICKET, Date.now());
  const hour = Date.now() / 1000 - 3600;
  await utimes(old, hour, hour);
  const current = await writeEnterPage(state, URL_WITH_TICKET, Date.now());
  expect(await readdir(path.dirname(current))).toEqual([path.basename(current)]);
  await removeEnterPages(state);
  expect(await readdir(state)).toEqual([]);
});
