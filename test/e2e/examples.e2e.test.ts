import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import recorded2 from '../fixtures/example-dags-2.11.2.json' with { type: 'json' };
import recorded3 from '../fixtures/example-dags-3.3.2.json' with { type: 'json' };
import {
  AFTER_THE_OTHERS,
  COMPARED_LIVE,
  DIFFERING,
  LEFT_OUT,
  RETRIES,
  VARYING,
  VARYING_IN_NUMBER,
} from './exampleDags.ts';
import { airflowPeer, type AirflowPeer, type PeerAnswer } from './support/airflowPeer.ts';
import { exampleFiles } from './support/exampleFiles.ts';
import { AIRFLOW_LINES, createProject, finalStates, type TestProject } from './support/project.ts';

// `scripts/record-example-dags.mjs` recorded them with real `airflow dags test` commands.
const RECORDED = { '3.3.2': recorded3, '2.11.2': recorded2 } as unknown as Readonly<
  Record<string, Readonly<Record<string, PeerAnswer>>>
>;

describe.each(AIRFLOW_LINES)('the example DAGs inside Airflow %s', (airflow) => {
  const recorded = RECORDED[airflow]!;
  let project: TestProject;
  let peer: AirflowPeer;
  let peerHome: string;
  /** DAG id -> file. */
  let files: Record<string, string>;

  beforeAll(async () => {
    const environment = process.env[`DEVENV_TEST_AIRFLOW_${airflow[0]}`];
    if (environment === undefined) throw new Error(`There is no Airflow ${airflow} to compare with.`);
    project = await createProject({ airflow, files: await exampleFiles(environment, airflow) });
    peerHome = await mkdtemp(path.join(tmpdir(), 'devenv-peer-'));
    peer = airflowPeer(environment, peerHome, project.root);
    await peer.prepare();
    files = await peer.listDags();
    await ours('example_simplest_dag' in files ? 'example_simplest_dag' : 'tutorial_dag');
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await rm(peerHome, { recursive: true, force: true });
  });

  const ours = async (dagId: string): Promise<PeerAnswer> => {
    const retries = String(RETRIES[dagId] ?? 0);
    const result = await project.runDag([files[dagId]!, '--dag-id', dagId, '--retries', retries]);
    const finished = result.events.find((each) => each.event === 'run_finished');
    return {
      exit: result.code,
      runState: finished?.state ?? null,
      tasks: finished === undefined ? {} : finalStates(result),
    };
  };

  test('are all compared, or left out with a reason', () => {
    const known = [...Object.keys(recorded), ...Object.keys(LEFT_OUT[airflow])];
    expect(known.toSorted()).toEqual(Object.keys(files).toSorted());
    expect(Object.values(LEFT_OUT[airflow]).filter((reason) => reason.length < 10)).toEqual([]);
  });

  const compare = async (dagId: string): Promise<void> => {
    const answer = await ours(dagId);
    const expected = DIFFERING[airflow][dagId]?.answer ?? recorded[dagId]!;
    if (dagId in VARYING_IN_NUMBER) expect(ends(answer)).toEqual(ends(expected));
    else if (dagId in VARYING) expect(together(answer)).toEqual(together(expected));
    else expect(answer).toEqual(expected);
  };
  const dagIds = Object.keys(recorded);
  const independent = dagIds.filter((dagId) => !AFTER_THE_OTHERS.has(dagId));
  test.concurrent.each(independent)('%s ends as with `airflow dags test`', compare);
  test.each(dagIds.filter((dagId) => AFTER_THE_OTHERS.has(dagId)))(
    '%s ends as with `airflow dags test`',
    compare,
  );

  test.each(COMPARED_LIVE)('%s ends as with `airflow dags test` now', async (dagId) => {
    const live = await peer.dagsTest(dagId, files[dagId]!);
    expect(live).toEqual(recorded[dagId]);
    expect(await ours(dagId)).toEqual(live);
  });
});

/** How many tasks ended how, whichever they were. */
function together({ exit, runState, tasks }: PeerAnswer): unknown {
  return { exit, runState, tasks: Object.keys(tasks).toSorted(), states: Object.values(tasks).toSorted() };
}

/** How the run ended, and which tasks it had. */
function ends({ exit, runState, tasks }: PeerAnswer): unknown {
  return { exit, runState, tasks: Object.keys(tasks).toSorted() };
}
