import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { processStartTime } from '../../src/platform/processIdentity.ts';
import { findRun } from '../../src/spark/findRun.ts';
import { createRunFolder, listRuns, pruneRuns } from '../../src/spark/runRecords.ts';
import { answerYarn } from '../../src/spark/yarn.ts';
import { addRun, temporaryFolder } from './support.ts';

test('two jobs of one millisecond have two ids', async () => {
  const state = await temporaryFolder();
  const folders = [await createRunFolder(state, 1000), await createRunFolder(state, 1000)];
  expect(folders.map((each) => path.basename(each))).toEqual([
    'application_1000_0001',
    'application_1000_0002',
  ]);
});

test('a job whose process is gone was killed, one whose process lives runs', async () => {
  const state = await temporaryFolder();
  await addRun(state, 1, { state: 'running' });
  await addRun(state, 2, {
    state: 'running',
    pid: process.pid,
    processStart: await processStartTime(process.pid),
  });
  expect((await listRuns(state)).map(({ state: each }) => each)).toEqual(['running', 'killed']);
});

test('the last 50 are kept, and of killed ones only record and log', async () => {
  const state = await temporaryFolder();
  for (let index = 1; index <= 53; index += 1) await addRun(state, index);
  const killed = await addRun(state, 100, { state: 'running' });
  await mkdir(path.join(killed, 'container'));
  await writeFile(path.join(killed, 'driver.log'), '');
  await pruneRuns(state);
  const runs = await listRuns(state);
  expect(runs).toHaveLength(50);
  expect(runs.at(-1)?.startedAt).toBe(5);
  expect((await readdir(killed)).toSorted()).toEqual(['driver.log', 'run.json']);
});

test('a job is found by the end of its id; without one it is the last', async () => {
  const state = await temporaryFolder();
  await addRun(state, 1_234_567);
  await addRun(state, 2_345_678);
  expect((await findRun(state, undefined)).startedAt).toBe(2_345_678);
  expect((await findRun(state, '4567_0001')).startedAt).toBe(1_234_567);
  await expect(findRun(state, '9')).rejects.toMatchObject({ code: 'spark_run_unknown' });
});

test('yarn lists what runs, and what has run when asked', async () => {
  const stateDirectory = await temporaryFolder();
  await addRun(stateDirectory, 1);
  await addRun(stateDirectory, 2, { state: 'failed', exitCode: 3 });
  const ask = async (...words: string[]) => answerYarn({ stateDirectory, platform: process.platform }, words);
  expect((await ask('application', '-list')).lines[0]).toBe('Total number of applications:0');
  const all = (await ask('application', '-list', '-appStates', 'ALL')).lines;
  expect(all.slice(2)).toEqual([
    'application_2_0001\tjob\tSPARK\tdevenv\tdefault\tFINISHED\tFAILED',
    'application_1_0001\tjob\tSPARK\tdevenv\tdefault\tFINISHED\tSUCCEEDED',
  ]);
  expect((await ask('application', '-kill', 'application_1_0001')).lines).toEqual([
    'Application application_1_0001 has already finished',
  ]);
  expect((await ask('application', '-status', 'application_9_0001')).exitCode).toBe(255);
  expect((await ask('node', '-list')).exitCode).toBe(255);
});
