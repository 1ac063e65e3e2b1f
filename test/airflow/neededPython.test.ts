import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { neededPython } from '../../src/airflow/neededPython.ts';
import { testContext } from './testContext.ts';

async function needed(text: string, env: Record<string, string> = {}): Promise<string | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-syntax-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'dag.py');
  await writeFile(file, text);
  const context = await testContext(env);
  const environment = { airflowVersion: '3.3.2', pythonVersion: '3.11.7' };
  return neededPython(context, environment, file, text.split('\n').length);
}

/** No Python anywhere: only the line tells. */
const NOTHING = { PATH: '/nowhere', HOME: '/nowhere', PYENV_ROOT: '/nowhere' };

test.each([
  ['type Row = dict[str, int]', '3.12'],
  ['async def first[T](rows: list[T]) -> T: ...', '3.12'],
  ['class Rows[T]:', '3.12'],
  [`name = f"{rows["name"]}"`, '3.12'],
  ['name = t"{row}"', '3.14'],
])('%s is for a newer Python', async (line, minor) => {
  expect(await needed(line, NOTHING)).toBe(minor);
});

test('a mistake is one for every Python', async () => {
  expect(await needed('def broken(:', NOTHING)).toBeUndefined();
  expect(await needed('def broken(:')).toBeUndefined();
});
