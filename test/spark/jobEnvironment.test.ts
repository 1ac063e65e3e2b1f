import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { jobEnvironment } from '../../src/spark/jobEnvironment.ts';
import { sparkEnvironment } from '../../src/spark/sparkEnvironment.ts';
import { plan } from './plans.ts';
import { temporaryFolder } from './support.ts';

const SETUP = {
  spark: { home: '/spark', version: '3.5.5', python: '/spark/bin/python' },
  java: { home: '/java', major: 17 },
};
const CALLER = {
  PATH: '/usr/bin',
  AIRFLOW__CORE__FERNET_KEY: 'key',
  AIRFLOW_CONN_DB: 'postgres://me:secret@host',
  AIRFLOW_CTX_DAG_ID: 'dag',
  AIRFLOW_DEVENV_HDFS: 'analytics-hadoop 127.71.3.9 9870',
  HADOOP_CONF_DIR: '/etc/production',
  SPARK_HOME: '/other',
};

async function environment(...words: string[]) {
  const stateDirectory = await temporaryFolder();
  await mkdir(path.join(stateDirectory, 'hadoop/conf'), { recursive: true });
  const parts = { project: { stateDirectory }, plan: plan(words), setup: SETUP, folder: '/run' };
  return { stateDirectory, env: jobEnvironment(CALLER, parts) };
}

test('in cluster mode a job sees nothing of Airflow, as on YARN', async () => {
  const { env } = await environment('--master', 'yarn', '--deploy-mode', 'cluster', 'x.py');
  expect(Object.keys(env).filter((name) => name.startsWith('AIRFLOW'))).toEqual(['AIRFLOW_DEVENV_HDFS']);
  expect(env).toMatchObject({ PATH: '/usr/bin', SPARK_HOME: '/spark', JAVA_HOME: '/java' });
});

test('in client mode the driver is the caller’s', async () => {
  const { env } = await environment('--master', 'yarn', 'x.py');
  expect(env).toMatchObject({ AIRFLOW_CTX_DAG_ID: 'dag', PWD: '/dags' });
});

test('a configuration of Hadoop that is not on this machine gives way to the project’s', async () => {
  const { env, stateDirectory } = await environment('--master', 'yarn', 'x.py');
  expect(env['HADOOP_CONF_DIR']).toBe(path.join(stateDirectory, 'hadoop/conf'));
});

test('spark_default is YARN, with the resource manager on the project’s own address', () => {
  const given = { AIRFLOW_DEVENV_HDFS: 'analytics-hadoop 127.71.3.9 9870 8020 50070' };
  const { AIRFLOW_CONN_SPARK_DEFAULT: connection = '' } = sparkEnvironment(given, new Set());
  expect(JSON.parse(connection)).toEqual({
    conn_type: 'spark',
    host: 'yarn',
    extra: { queue: 'root.default', yarn_resourcemanager_webapp_address: 'http://127.71.3.9:8088' },
  });
  expect(sparkEnvironment(given, new Set(['spark_default']))).toEqual(given);
  const own = { AIRFLOW_CONN_SPARK_DEFAULT: 'spark://mine' };
  expect(sparkEnvironment(own, new Set())).toEqual(own);
});
