import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assertExportable } from '../../src/seed/exportTarget.ts';

test('an export goes into a new YAML file, and into one that is there only when asked', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-export-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const there = path.join(folder, 'variables.yaml');
  await writeFile(there, '# by hand\n');
  await expect(assertExportable(path.join(folder, 'new.yml'), false)).resolves.toBeUndefined();
  await expect(assertExportable(there, true)).resolves.toBeUndefined();
  const misuse = { code: 'seed_export_target', misuse: true };
  await expect(assertExportable(there, false)).rejects.toMatchObject({
    ...misuse,
    next: expect.arrayContaining([expect.stringContaining('--replace')]) as string[],
  });
  for (const name of ['', 'README.txt', 'a.json', 'missing/a.yaml']) {
    await expect(assertExportable(path.join(folder, name), true)).rejects.toMatchObject(misuse);
  }
});
