import { expect, test } from 'vitest';
import { separatePassedArguments, withDefaultCommand } from '../../src/commands/passThrough.ts';

test.for([
  ['devenv airflow dags list --help', 'devenv airflow -- dags list --help'],
  ['devenv -C folder airflow --version', 'devenv -C folder airflow -- --version'],
  ['devenv --config=x.yaml python -c code', 'devenv --config=x.yaml python -- -c code'],
  ['devenv shell -- ls -la', 'devenv shell -- ls -la'],
  ['devenv python', 'devenv python --'],
  ['devenv run-dag airflow --json', 'devenv run-dag airflow --json'],
  ['devenv -C airflow run-dag x.py', 'devenv -C airflow run-dag x.py'],
  ['devenv', 'devenv'],
])('%s', ([typed, parsed]) => {
  expect(separatePassedArguments(['node', ...(typed ?? '').split(' ')])).toEqual([
    'node',
    ...(parsed ?? '').split(' '),
  ]);
});

test('without a command the stack is started on a terminal only', () => {
  expect(withDefaultCommand(['node', 'devenv', '-C', 'folder'], true)).toEqual([
    ...['node', 'devenv', '-C', 'folder'],
    'up',
  ]);
  expect(withDefaultCommand(['node', 'devenv'], false)).toEqual(['node', 'devenv']);
});
