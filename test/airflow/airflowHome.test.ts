import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareAirflowHome } from '../../src/airflow/airflowHome.ts';
import type { ProgressEvent } from '../../src/events.ts';

const WRITTEN = Array.from(
  { length: 300 },
  (_, at) => `# Variable: AIRFLOW__CORE__OPTION_${at}\noption_${at} = x\n`,
);

let home: string;
let told: ProgressEvent[];
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'airflow-home-'));
  told = [];
});
afterEach(() => rm(home, { recursive: true }));

const prepare = () => prepareAirflowHome({ emit: (event) => told.push(event) }, home);
const content = () => readFile(path.join(home, 'airflow.cfg'), 'utf8');

test('an empty home gets a file without settings, so that Airflow writes none', async () => {
  await prepare();
  await prepare();
  expect((await content()).split('\n').every((line) => line === '' || line.startsWith('#'))).toBe(true);
  expect(await readdir(home)).toEqual(['airflow.cfg']);
  expect(told).toEqual([]);
});

test('what an Airflow has written is set aside, and that is said', async () => {
  await writeFile(path.join(home, 'airflow.cfg'), ['[core]', ...WRITTEN].join('\n'));
  await prepare();
  expect(await readdir(home)).toEqual(['airflow.cfg', 'airflow.cfg.set-aside']);
  expect(await content()).not.toContain('option_1');
  expect(told).toMatchObject([{ type: 'message', level: 'warning' }]);
});

test('what a person has written stays', async () => {
  const own = `[core]\n${WRITTEN[0]}parallelism = 4\n`;
  await writeFile(path.join(home, 'airflow.cfg'), own);
  await prepare();
  expect(await content()).toBe(own);
});
