import { expect, test } from 'vitest';
import { withoutPasswords } from '../../src/airflow/passwords.ts';

test.each([
  ['https://me:s3cret@host/simple', 'https://host/simple'],
  ['-i https://token@host:8443/simple/', '-i https://host:8443/simple/'],
  ['x @ git+https://me:p@ss@host/team/x.git@v1', 'x @ git+https://host/team/x.git@v1'],
  ['https://host/simple and me@example.org', 'https://host/simple and me@example.org'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutPasswords(text)).toBe(shown);
});
