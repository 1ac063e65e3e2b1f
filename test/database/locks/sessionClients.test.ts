import { expect, test } from 'vitest';
import { pairsOf } from '../../../src/database/locks/sessionClients.ts';

test('who is at the other end of a connection is read from what ss prints', () => {
  const output = `
u_str LISTEN 0 200 /run/pg/.s.PGSQL.5432 100 * 0 users:(("postgres",pid=1,fd=6))
u_str ESTAB 0 0 /run/pg/.s.PGSQL.5432 1039368 * 1039367 users:(("postgres",pid=11134,fd=10))
u_str ESTAB 0 0 * 1039367 * 1039368 users:(("airflow",pid=77,fd=9),("airflow",pid=78,fd=9))
u_str ESTAB 0 0 * 5 * 6
`;
  expect([...pairsOf(output)]).toEqual([[11134, 77]]);
});
