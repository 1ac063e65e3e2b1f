import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertOwnCache, runtimeDirectory, temporaryDirectory } from '../../src/platform/paths.ts';

const platform = 'linux';
let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'devenv-paths-'));
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

test('a cache that others can write to is refused by its name', async () => {
  const env = { AIRFLOW_DEVENV_CACHE: parent };
  expect(assertOwnCache({ env, platform })).toBeUndefined();
  await chmod(parent, 0o777);
  expect(() => assertOwnCache({ env, platform })).toThrow(
    expect.objectContaining({ code: 'cache_directory_unsafe', misuse: true }),
  );
});

test('a relative folder for temporary files is a mistake of the environment', async () => {
  const env = { TMPDIR: 'relative/dir' };
  expect(() => temporaryDirectory(env)).toThrow(
    expect.objectContaining({ code: 'temporary_directory_relative', misuse: true }),
  );
  await expect(runtimeDirectory({ env, platform }, '/work/a')).rejects.toMatchObject({
    code: 'temporary_directory_relative',
  });
  expect(temporaryDirectory({ TMPDIR: '', TMP: '/var/tmp' })).toBe('/var/tmp');
  expect(temporaryDirectory({})).toBe('/tmp');
});

test.each([
  ['too long for sockets', (folder: string) => path.join(folder, 'x'.repeat(130))],
  ['in a place where nothing can be made', () => '/dev/null/here'],
])('a runtime folder %s is a mistake, told before anything starts', async (_what, name) => {
  const env = { AIRFLOW_DEVENV_RUNTIME: name(parent) };
  await expect(runtimeDirectory({ env, platform }, '/work/a')).rejects.toMatchObject({
    code: 'runtime_directory_unusable',
    misuse: true,
  });
});

test.each([
  ['linux', 107, '/r-0123456789ab.sock.4194304'],
  ['darwin', 103, '/pg/.s.PGSQL.5432'],
] as const)(
  'on %s a runtime folder may be as long as its longest socket allows, and no longer',
  async (system, most, socket) => {
    // Below the folder that is named lies one of ten characters.
    const room = most - socket.length - '/0123456789'.length - `${parent}/`.length;
    const named = (length: number) => ({
      env: { AIRFLOW_DEVENV_RUNTIME: path.join(parent, 'x'.repeat(length)) },
      platform: system,
    });
    const longest = await runtimeDirectory(named(room), '/work/a');
    expect(Buffer.byteLength(`${longest}${socket}`)).toBe(most);
    await expect(runtimeDirectory(named(room + 1), '/work/a')).rejects.toMatchObject({
      code: 'runtime_directory_unusable',
    });
  },
);
