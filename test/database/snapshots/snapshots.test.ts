import { expect, test } from 'vitest';
import { olderDatabase } from '../../../src/database/inheritDatabase.ts';
import { compare } from '../../../src/database/snapshots/diffSnapshots.ts';
import { restoreNeeds } from '../../../src/database/snapshots/exchangeDatabase.ts';
import { assertSnapshotName } from '../../../src/database/snapshots/snapshotRecord.ts';

const REVISIONS = { head: 'c', known: new Set(['a', 'b', 'c']) };
const TARGET = {
  description: { kind: 'postgres', name: 'airflow_3_3' },
  environment: { airflowVersion: '3.3.2' },
};

test.each([
  ['3.3.2', 'c', 'nothing'],
  ['3.3.0', 'b', 'migration'],
  ['3.2.1', 'b', 'consent'],
  ['2.11.2', 'a', 'consent'],
  ['3.3.4', 'd', 'newer'],
  ['3.10.0', 'c', 'newer'],
  ['3.10.0', 'z', 'newer'],
])('a snapshot of Airflow %s at revision %s: %s', (airflowVersion, revision, needs) => {
  const record = { kind: 'postgres', database: 'x', airflowVersion, revision } as const;
  expect(restoreNeeds(record, TARGET, REVISIONS)).toBe(needs);
});

test('names', () => {
  for (const name of ['a', 'Before.2-x_y']) expect(() => assertSnapshotName(name)).not.toThrow();
  for (const name of ['', '.x', '../x', 'a b', 'ü']) expect(() => assertSnapshotName(name)).toThrow('name');
});

test('what a newer version begins with', () => {
  const names = ['airflow_2_11', 'airflow_3_0', 'airflow_3_2', 'airflow_3_4', 'airflow_template_1'];
  expect(olderDatabase(names, 'airflow_3_3')).toBe('airflow_3_2');
  expect(olderDatabase(names, 'airflow_3_10')).toBe('airflow_3_4');
  expect(olderDatabase(names, 'airflow_2_11')).toBe(undefined);
});

test('a difference has names and numbers only', () => {
  const before = { rows: { dag: 1, job: 2 }, names: { variables: { a: 'x', b: 'y' } } };
  const after = { rows: { dag: 1, job: 3, team: 1 }, names: { variables: { b: 'z', c: 'w' } } };
  expect(compare(before, after)).toEqual({
    tables: [
      { table: 'job', before: 2, after: 3 },
      { table: 'team', before: 0, after: 1 },
    ],
    names: { variables: { added: ['c'], changed: ['b'], removed: ['a'] } },
  });
});
