import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mergeLocks } from '../../scripts/mergeLocks.ts';
import { readPins } from '../../src/airflow/locks.ts';

test('a lock of several Pythons gives back what each of them had', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-locks-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const versions = {
    everywhere: ['1', '1', '1', '1'],
    older: ['1', '1', '2', '2'],
    middle: [undefined, '3', '3', undefined],
    ends: ['4', undefined, undefined, '4'],
    one: [undefined, undefined, '5', undefined],
  };
  const locks = ['3.9', '3.10', '3.11', '3.12'].map((minor, index) => ({
    minor,
    pins: Object.entries(versions).flatMap(([name, all]) =>
      all[index] === undefined ? [] : [`${name}==${all[index]}`],
    ),
    base: ['older==1'],
  }));
  const file = path.join(folder, 'lock.txt');
  await writeFile(file, mergeLocks('2.9.3', locks));
  for (const { minor, pins } of locks) {
    const read = [...readPins(file, minor)].map(([name, version]) => `${name}==${version}`);
    expect(read.toSorted()).toEqual(pins.toSorted());
  }
});
