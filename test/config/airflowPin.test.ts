import { expect, test } from 'vitest';
import { findAirflowPin } from '../../src/config/airflowPin.ts';
import { makeTree } from './tree.ts';

const pin = async (files: Record<string, string>) => findAirflowPin(await makeTree(files));

test.each([
  ['requirements.txt', 'pandas\napache-airflow==2.11.2\n', '2.11.2'],
  ['requirements-airflow.txt', 'apache-airflow[celery, slack] == 2.10.5 ; python_version > "3"', '2.10.5'],
  ['constraints-3.11.txt', 'apache-airflow==3.1.0rc1', '3.1.0rc1'],
  ['pyproject.toml', 'dependencies = ["apache-airflow==3.0.6"]', '3.0.6'],
  ['Dockerfile', 'RUN pip install "apache-airflow==2.9.3"', '2.9.3'],
])('an exact pin in %s is found', async (name, text, version) => {
  expect(await pin({ [name]: text })).toEqual({ version, python: undefined });
});

test("Airflow's own image names version and Python", async () => {
  expect(await pin({ Dockerfile: 'FROM apache/airflow:slim-2.11.2-python3.12 AS base' })).toEqual({
    version: '2.11.2',
    python: '3.12',
  });
});

test.each([
  'apache-airflow>=2.11.2',
  'apache-airflow==2.11.*',
  'apache-airflow~=2.11.0',
  '# apache-airflow==2.11.2',
  'apache-airflow-providers-cncf-kubernetes==10.1.0',
  'my-apache-airflow==1.0.0',
])('%s is no exact pin of Airflow', async (line) => {
  expect(await pin({ 'requirements.txt': line })).toBeUndefined();
});

test('an Astro runtime pins nothing, and requirements go before the Dockerfile', async () => {
  expect(await pin({ Dockerfile: 'FROM quay.io/astronomer/astro-runtime:12.1.0' })).toBeUndefined();
  const both = { 'requirements.txt': 'apache-airflow==2.11.2', 'Dockerfile': 'FROM apache/airflow:3.0.0' };
  expect(await pin(both)).toMatchObject({ version: '2.11.2' });
});
