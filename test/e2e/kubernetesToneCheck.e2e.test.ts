import { execFile } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureUv } from '../../src/airflow/uv.ts';
import { createProject, type AirflowLine, type TestProject } from './support/project.ts';
import { logTexts, outcome } from './support/runs.ts';
import { apiOf, triggerToEnd, up } from './support/stack.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../docs/examples/tone-check');
const NODE_IMAGE = process.env['DEVENV_TEST_NODE_IMAGE'] ?? '';
const DAG = 'airflow-dags/ml/dags/tone_check_training_dag.py';
const MINUTES = 60_000;

let project: TestProject;

beforeAll(async () => {
  if (NODE_IMAGE === '') throw new Error('DEVENV_TEST_NODE_IMAGE names no node image: see CONTRIBUTING.md');
  project = await createProject({ airflow: '3.3.2', files: {} });
  cpSync(EXAMPLE, project.root, { recursive: true });
  await configure('3.3.2');
  expect(await project.devenv(['spark', 'install'], { timeout: 10 * MINUTES })).toMatchObject({ code: 0 });
  const packed = await project.devenv(['package', 'ml-pipelines/training/tone_check/data_generation']);
  expect(packed).toMatchObject({ code: 0 });
}, 15 * MINUTES);

afterAll(async () => {
  await project?.devenv(['down', '--all', '--volumes'], { timeout: 2 * MINUTES });
  await project?.[Symbol.asyncDispose]();
}, 3 * MINUTES);

test.each(['3.3.2', '2.11.2'] as const)(
  'a Spark job, a copy from HDFS to a volume and a deferred GPU pod make a model, by run-dag and by the scheduler, on Airflow %s',
  async (airflow) => {
    await configure(airflow);
    // Images are built, and on the first line the cluster is made.
    await up(project, [], { timeout: 10 * MINUTES });
    const before = models().length;
    const result = await project.runDag([DAG], { timeout: 6 * MINUTES });
    expect(outcome(result), logTexts(result).join('\n') + result.stderr).toEqual({
      exit: 0,
      run: 'success',
      tasks: {
        generate_training_data: 'success',
        copy_hdfs_to_pvc: 'success',
        train_tone_check: 'success',
      },
    });
    expect(logTexts(result, 'train_tone_check').join('\n')).toMatch(/accuracy [01]\.\d+ on \d+ sentences/);
    const api = await apiOf(project, airflow);
    const run = await triggerToEnd(api, 'tone_check_training_dag', 6 * MINUTES);
    expect(run.state, JSON.stringify(await api.taskInstances(run))).toBe('success');
    expect(models()).toHaveLength(before + 2);
    for (const model of models().slice(before))
      expect(await predictions(model)).toEqual({ informs: 0, praises: 1 });
    expect((await project.devenv(['down'], { timeout: 2 * MINUTES })).code).toBe(0);
  },
  20 * MINUTES,
);

test('the files of the volume are on this machine, and belong to the group that the pods name', () => {
  const [model = ''] = models();
  expect(statSync(model)).toMatchObject({ uid: 10_001, gid: 900 });
  const { accuracy } = JSON.parse(readFileSync(path.join(path.dirname(model), 'metrics.json'), 'utf8'));
  expect(accuracy).toBeGreaterThan(0.9);
});

test("the example's own test knows what its tasks send", async () => {
  const tested = await project.devenv(['python', '-m', 'unittest', 'discover', 'airflow-dags/tests']);
  expect(tested, tested.stderr).toMatchObject({ code: 0 });
});

async function configure(airflow: AirflowLine): Promise<void> {
  const settings = readFileSync(path.join(EXAMPLE, 'devenv.yaml'), 'utf8')
    .replace(/version: 3[\d.]+ \}/, `version: ${airflow} }`)
    .replace('kubernetes:\n', `kubernetes:\n  image: ${NODE_IMAGE}\n`);
  expect(settings).toContain(airflow);
  await project.write({ 'devenv.yaml': settings });
}

/** The oldest first. */
function models(): readonly string[] {
  const folder = path.join(project.root, '.devenv/volumes/airflow-ml-model-training/tone_check/models');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => path.join(folder, name, 'model.joblib'))
    .toSorted((left, right) => statSync(left).mtimeMs - statSync(right).mtimeMs);
}

const PREDICT = `
import joblib, json, sys
found = joblib.load(sys.argv[1]).predict([
    "The theatre was opened in 1921.",
    "The theatre is a legendary and world-class masterpiece.",
])
print(json.dumps({"informs": int(found[0]), "praises": int(found[1])}))
`;

/** Of this machine's own Python, with the versions that the model was trained with. */
async function predictions(model: string): Promise<unknown> {
  const uv = await ensureUv({
    env: process.env,
    platform: process.platform,
    workingDirectory: '/',
    now: Date.now,
    emit: () => {},
    signal: new AbortController().signal,
  });
  const requirements = path.join(EXAMPLE, 'ml-pipelines/training/tone_check/retrain/requirements.txt');
  const words = ['run', '--no-project', '--python', '3.11', '--with-requirements', requirements];
  const { stdout } = await promisify(execFile)(uv, [...words, 'python', '-c', PREDICT, model]);
  return JSON.parse(stdout);
}
