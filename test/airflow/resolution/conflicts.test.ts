import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EnvironmentPlan } from '../../../src/airflow/environmentPlan.ts';
import { solve } from '../../../src/airflow/resolution/solution.ts';
import { ensureUv } from '../../../src/airflow/uv.ts';
import { packageIndex, type PackageIndex } from '../support/packageIndex.ts';
import { testContext } from '../testContext.ts';

let index: PackageIndex;
beforeAll(async () => {
  index = await packageIndex([
    { name: 'apache-airflow', version: '2.11.2', requires: ['plain>=1'] },
    ...['0.5', '1.0', '2.0'].map((version) => ({ name: 'plain', version })),
    { name: 'withdrawn', version: '1.0', yanked: true },
    { name: 'strict', version: '1.0', requires: ['withdrawn==1.0'] },
    { name: 'modern', version: '1.0', requiresPython: '>=3.99' },
  ]);
});
afterAll(async () => index[Symbol.asyncDispose]());

/** Solves requirement files of these texts, `0.txt`, `1.txt`, …; what went wrong, with the place as `0.txt:1`. */
async function outcome(...texts: readonly string[]) {
  const context = await testContext({ UV_DEFAULT_INDEX: index.url, UV_NO_CACHE: '1', UV_NO_CONFIG: '1' });
  const uv = await ensureUv({ ...context, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } });
  const folder = path.join(context.cache, 'resolution');
  await mkdir(folder);
  const lock = path.join(context.cache, 'lock.txt');
  await writeFile(lock, 'apache-airflow==2.11.2\nplain==2.0\n');
  const requirements = texts.map((_, number) => path.join(context.cache, `${number}.txt`));
  for (const [number, text] of texts.entries()) await writeFile(requirements[number] ?? '', text);
  const plan: EnvironmentPlan = {
    ...{ airflowVersion: '2.11.2', pythonMinor: '3.11', lock: { kind: 'named', file: lock } as const },
    ...{ requirements, wishes: [], fingerprint: 'f', directory: context.cache },
  };
  try {
    return { lines: (await solve(context, plan, { uv, python: 'python3', folder })).lines };
  } catch (error) {
    const { code, location, next, why } = error as {
      code: string;
      location?: { file: string; line: number };
      next: readonly string[];
      why: string;
    };
    return { code, at: location && `${path.basename(location.file)}:${location.line}`, next, why };
  }
}

test('a pin below what Airflow needs', async () => {
  expect(await outcome('\nplain==0.5\n')).toMatchObject({ code: 'requirements_conflict', at: '0.txt:2' });
});

test('two files that disagree: both lines are named', async () => {
  const { code, at, next } = await outcome('plain==1.0\n', '# ours\nplain==2.0\n');
  expect({ code, at }).toEqual({ code: 'requirements_conflict', at: '0.txt:1' });
  expect(next?.join('\n')).toMatch(/Look at .*1\.txt:2 too: plain==2\.0/);
});

test('a release that was withdrawn is taken only when it is asked for exactly, as pip does', async () => {
  expect((await outcome('withdrawn==1.0\n')).lines).toContain('withdrawn==1.0');
  expect(await outcome('withdrawn\n')).toMatchObject({ code: 'requirements_conflict', at: '0.txt:1' });
});

test('a release that was withdrawn and that a package needs exactly is taken as well', async () => {
  expect((await outcome('strict\n')).lines).toEqual([
    'apache-airflow==2.11.2',
    'plain==2.0',
    'strict==1.0',
    'withdrawn==1.0',
  ]);
});

test('a package that is not for this Python', async () => {
  const { code, at, why } = await outcome('modern\n');
  expect({ code, at }).toEqual({ code: 'requirements_conflict', at: '0.txt:1' });
  expect(why).toContain('3.99');
});

test('a package that no index has', async () => {
  expect(await outcome('plain\nnowhere-to-be-found\n')).toMatchObject({
    code: 'requirements_conflict',
    at: '0.txt:2',
  });
});
