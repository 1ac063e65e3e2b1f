import path from 'node:path';
import { expect, test } from 'vitest';
import { loadProject, pinsAirflow } from '../../../src/config/loadProject.ts';
import { makeTree } from '../tree.ts';

async function versionFor(dag: string, files: Record<string, string> = {}) {
  const root = await makeTree({
    'dags/team/one.py': dag,
    'dags/two.py': 'from airflow import DAG\n',
    ...files,
  });
  const project = await loadProject({ env: {}, workingDirectory: root });
  const { file, line } = project.airflow.found?.airflow ?? {};
  return {
    version: project.airflow.version,
    where: file && `${path.relative(root, file)}:${line}`,
    pinned: pinsAirflow(project),
  };
}

test.each([
  'import os\nfrom airflow.operators.python_operator import PythonOperator\n',
  'from airflow import DAG\nDAG("x", schedule_interval="@daily")\n',
  'import os\nfrom airflow.utils.dates import days_ago\n',
  'import os\nfrom airflow.contrib.hooks.x import Y\n',
])('%j can only be imported on Airflow 2', async (dag) => {
  expect(await versionFor(dag)).toEqual({ version: '2.11.2', where: 'dags/team/one.py:2', pinned: false });
});

test.each([
  'from airflow.sdk import dag\n# schedule_interval=None is of old\n',
  'from airflow.sdk import dag\nold = dict(schedule_interval=None)\n',
  'from airflow.decorators import dag\n',
  'from airflow.operators.bash import BashOperator\n',
])('%j leaves the newest', async (dag) => {
  expect(await versionFor(dag)).toEqual({ version: '3.3.2', where: undefined, pinned: false });
});

test('a pin counts more than any import', async () => {
  const dag = 'DAG("x", schedule_interval=None)\n';
  expect(await versionFor(dag, { 'bin/run.sh': 'pip install "apache-airflow[celery]==2.10.1"\n' })).toEqual({
    version: '2.10.1',
    where: 'bin/run.sh:1',
    pinned: true,
  });
});

test.each([
  'from airflow.providers.postgres.operators.postgres import PostgresOperator\n',
  'from airflow.providers.http.operators.http import HttpOperator, SimpleHttpOperator\n',
  'from airflow.providers.cncf.kubernetes.operators.kubernetes_pod import KubernetesPodOperator\n',
])('%j needs providers that later releases do not come with', async (line) => {
  const dag = `from airflow.utils.dates import days_ago\n${line}`;
  expect(await versionFor(dag)).toEqual({ version: '2.9.3', where: 'dags/team/one.py:2', pinned: false });
});

test('so does a provider that is pinned to a release of that time', async () => {
  const dag = 'from airflow.operators.bash import BashOperator\n';
  const requirements = (text: string) => ({ 'requirements.txt': text });
  const old = 'pandas\napache-airflow-providers-google[x]==10.16.0\n';
  expect(await versionFor(dag, requirements(old))).toEqual({
    version: '2.9.3',
    where: 'requirements.txt:2',
    pinned: false,
  });
  const today = 'apache-airflow-providers-google==15.1.0\napache-airflow-providers-slack>=8\n';
  expect((await versionFor(dag, requirements(today))).version).toBe('3.3.2');
  expect((await versionFor('from airflow.sdk import dag\n', requirements(old))).version).toBe('3.3.2');
});
