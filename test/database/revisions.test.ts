import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readRevisions, revisionsOf } from '../../src/database/revisions.ts';

it('finds the revision that no other follows, however it is written', () => {
  const found = revisionsOf([
    'revision = "a"\ndown_revision = None\n',
    "revision: str = 'b'\ndown_revision: str | None = 'a'\n",
    'revision = "c"\ndown_revision = "a"\n',
    'revision = "d"\ndown_revision = ("b",\n  "c")\n',
    '# revision = "e"\n',
  ]);
  expect(found?.head).toBe('d');
  expect([...(found?.known ?? [])].toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

it('knows nothing when there are two last revisions', () => {
  expect(revisionsOf(['revision = "a"\n', 'revision = "b"\n'])).toBeUndefined();
});

it('reads them from the environment, and knows nothing of one without Airflow', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-revisions-'));
  try {
    expect(await readRevisions({ directory })).toBeUndefined();
    const folder = path.join(directory, 'lib/python3.11/site-packages/airflow/migrations/versions');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, '0001_x.py'), 'revision = "a1"\ndown_revision = None\n');
    expect((await readRevisions({ directory }))?.head).toBe('a1');
  } finally {
    await rm(directory, { recursive: true });
  }
});
