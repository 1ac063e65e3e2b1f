import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EnvironmentPlan } from '../../../src/airflow/environmentPlan.ts';
import { type Solution, solve } from '../../../src/airflow/resolution/solution.ts';
import { ensureUv } from '../../../src/airflow/uv.ts';
import { packageIndex, type PackageIndex } from '../support/packageIndex.ts';
import type { Release } from '../support/wheel.ts';
import { testContext } from '../testContext.ts';

const RELEASED = '2026-03-14T00:00:00Z';
const OLD = '2023-01-01T00:00:00Z';
const CONSTRAINTS = 'apache-airflow==2.11.2\nprotobuf==6.0\ncloud==5.0\nplain==2.0\n';
/** `cloud` 1.0 needs nothing of protobuf, as old releases do. */
const RELEASES: readonly Release[] = [
  { name: 'apache-airflow', version: '2.11.2', requires: ['plain>=1'], uploaded: RELEASED },
  ...['5.0', '6.0', '7.0'].map((version) => ({ name: 'protobuf', version })),
  { name: 'cloud', version: '1.0', uploaded: OLD },
  { name: 'cloud', version: '5.0', requires: ['protobuf<7'] },
  { name: 'newcomer', version: '1.0', uploaded: OLD },
  { name: 'newcomer', version: '3.0', requires: ['protobuf>=7'] },
  { name: 'settled', version: '1.0', uploaded: OLD },
  ...['1.0', '2.0', '3.0'].map((version) => ({ name: 'plain', version })),
  { name: 'driver', version: '1.0' },
  { name: 'fussy', version: '1.0', requires: ['plain==2.0'] },
];

let index: PackageIndex;
beforeEach(async () => {
  index = await packageIndex(RELEASES);
});
afterEach(async () => {
  await index[Symbol.asyncDispose]();
});

async function solved(
  requirements: string,
  projectLock?: string,
  kind: EnvironmentPlan['lock']['kind'] = 'named',
): Promise<Solution> {
  const context = await testContext({
    UV_DEFAULT_INDEX: index.url,
    UV_NO_CACHE: '1',
    UV_NO_CONFIG: '1',
  });
  const uv = await ensureUv({ ...context, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } });
  const folder = path.join(context.cache, 'resolution');
  await mkdir(folder);
  const [lock, file] = [path.join(context.cache, 'lock.txt'), path.join(context.cache, 'requirements.txt')];
  await writeFile(lock, CONSTRAINTS);
  await writeFile(file, requirements);
  const own = path.join(context.cache, 'uv.lock');
  if (projectLock !== undefined) await writeFile(own, projectLock);
  const plan: EnvironmentPlan = {
    airflowVersion: '2.11.2',
    pythonMinor: '3.11',
    lock: { kind, file: lock },
    requirements: [file],
    projectLock: projectLock === undefined ? undefined : own,
    wishes: ['driver', 'fussy'],
    fingerprint: 'f',
    directory: context.cache,
  };
  return solve(context, plan, { uv, python: 'python3', folder });
}

test('what is asked for comes in the version of the constraints, newer ones or not', async () => {
  const { lines, moved, leftOut } = await solved('cloud\nprotobuf\n');
  expect(lines.toSorted()).toEqual([
    'apache-airflow==2.11.2',
    'cloud==5.0',
    'driver==1.0',
    'fussy==1.0',
    'plain==2.0',
    'protobuf==6.0',
  ]);
  expect({ moved, leftOut }).toEqual({ moved: [], leftOut: [] });
});

test('an exact pin overrules the constraint of its package, and that is said', async () => {
  const { lines, moved } = await solved('cloud\nprotobuf==5.0\n');
  expect(lines).toContain('protobuf==5.0');
  expect(lines).toContain('cloud==5.0');
  expect(moved).toEqual([{ name: 'protobuf', from: '6.0', to: '5.0' }]);
});

test('a bound overrules it too, and moves nothing but what it must', async () => {
  const { lines, moved } = await solved('cloud\nprotobuf<6\n');
  expect(lines).toContain('cloud==5.0');
  expect(moved).toEqual([{ name: 'protobuf', from: '6.0', to: '5.0' }]);
});

test('what of ours does not fit is left out, and changes no version that was asked for', async () => {
  const { lines, leftOut } = await solved('plain>=3\n');
  expect(lines.toSorted()).toEqual(['apache-airflow==2.11.2', 'driver==1.0', 'plain==3.0']);
  expect(leftOut).toEqual(['fussy']);
});

test('a release that is years older than Airflow is refused, with the reason and the line', async () => {
  await expect(solved('plain\nnewcomer\n')).rejects.toMatchObject({
    code: 'requirements_fall_back',
    what: 'Of newcomer only version 1.0 of 2023-01-01 fits the requirements: more than two years older than Airflow 2.11.2.',
    why: expect.stringContaining('protobuf'),
    location: { line: 2 },
    misuse: true,
  });
});

test.each(['newcomer==1.0\n', 'newcomer<2\n', 'settled\n'])(
  'but not when it is asked for, or there is no newer one: %j',
  async (requirements) => {
    await expect(solved(requirements)).resolves.toMatchObject({ leftOut: [] });
  },
);

test('a requirement that Airflow itself excludes is a conflict', async () => {
  await expect(solved('plain==0.5\n')).rejects.toMatchObject({
    code: 'requirements_conflict',
    location: { line: 1 },
    misuse: true,
  });
});

test('the official constraints of the release need no network when requirements name their address', async () => {
  const address = 'https://raw.githubusercontent.com/apache/airflow/constraints-2.11.2/constraints-3.11.txt';
  expect((await solved(`-c ${address}\ncloud\n`)).lines).toContain('cloud==5.0');
});

test("the author's own lock goes before the constraints of the release, and what it does not know comes from these", async () => {
  const lock = '[[package]]\nname = "protobuf"\nversion = "5.0"\n';
  const { lines, moved } = await solved('cloud\nprotobuf\n', lock);
  expect(lines).toContain('protobuf==5.0');
  expect(lines).toContain('cloud==5.0');
  expect(moved).toEqual([]);
});

test('with the constraints of a whole release one resolution is enough, and what it does not know is no wish', async () => {
  const { lines, moved, leftOut } = await solved('cloud\nprotobuf==5.0\n', undefined, 'release');
  const all = ['apache-airflow==2.11.2', 'cloud==5.0', 'plain==2.0', 'protobuf==5.0'];
  expect(lines.toSorted()).toEqual(all);
  expect(moved).toEqual([{ name: 'protobuf', from: '6.0', to: '5.0' }]);
  expect(leftOut).toEqual([]);
});
