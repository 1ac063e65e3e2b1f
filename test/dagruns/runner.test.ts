import { expect, test } from 'vitest';
import { runnerSocket, type RunnerSpec } from '../../src/dagruns/runner.ts';

const SPEC: RunnerSpec = {
  environment: {
    python: '/venv/bin/python',
    directory: '/venv',
    fingerprint: 'f1',
    stamp: 's1',
    airflowVersion: '3.3.2',
    pythonVersion: '3.12.4',
  },
  database: { kind: 'postgres', name: 'airflow_3_3', url: 'postgresql://a' },
  airflowEnvironment: { AIRFLOW__CORE__PARALLELISM: '4', AIRFLOW_HOME: '/h', PATH: '/bin' },
  stateDirectory: '/p/.devenv',
  runtimeDirectory: '/run/devenv/0123456789',
};

function socketWith(changes: Partial<RunnerSpec>): string {
  return runnerSocket({ ...SPEC, ...changes });
}

function socketWithVariables(changes: Record<string, string>): string {
  return socketWith({ airflowEnvironment: { ...SPEC.airflowEnvironment, ...changes } });
}

test('the socket is the same for the same spec, in any order of the variables', () => {
  const turned = Object.fromEntries(Object.entries(SPEC.airflowEnvironment).toReversed());
  expect(socketWith({ airflowEnvironment: turned })).toBe(runnerSocket(SPEC));
  expect(runnerSocket(SPEC)).toMatch(/^\/run\/devenv\/0123456789\/r-[0-9a-f]{12}\.sock$/);
});

test('it is another for another environment, database or setting of Airflow', () => {
  const sockets = [
    runnerSocket(SPEC),
    socketWith({ environment: { ...SPEC.environment, fingerprint: 'f2' } }),
    socketWith({ environment: { ...SPEC.environment, stamp: 'made anew' } }),
    socketWith({ database: { ...SPEC.database, url: 'sqlite:///x' } }),
    socketWithVariables({ AIRFLOW__CORE__PARALLELISM: '5' }),
    socketWithVariables({ AIRFLOW__CORE__NEW: '1' }),
    socketWithVariables({ AIRFLOW_HOME: '/other' }),
  ];
  expect(new Set(sockets).size).toBe(sockets.length);
});

test('what each run takes along itself does not matter', () => {
  const others = { PATH: '/else', TZ: 'UTC', AIRFLOW_CONN_X: 'http://h', AIRFLOW_VAR_Y: '1' };
  expect(socketWithVariables(others)).toBe(runnerSocket(SPEC));
});
