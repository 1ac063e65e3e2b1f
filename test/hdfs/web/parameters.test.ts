import { expect, test } from 'vitest';
import { Parameters } from '../../../src/hdfs/web/parameters.ts';

const of = (name: string, value: string): Parameters => new Parameters(new Map([[name, [value]]]));

test('numbers of the kinds that Hadoop knows', () => {
  expect(of('offset', '12').long('offset')).toBe(12);
  expect(of('offset', 'null').long('offset')).toBeUndefined();
  expect(of('permission', '1777').mode('permission')).toBe(0o1777);
  // Java's largest, which means "leave it".
  expect(of('quota', '9223372036854775807').long('quota')).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => of('offset', '1e3').long('offset')).toThrow(
    'Failed to parse "1e3" as a radix-10 long integer.',
  );
  expect(() => of('replication', '40000').short('replication')).toThrow('radix-10 short integer');
  expect(() => of('permission', '8').mode('permission')).toThrow('radix-8 short integer');
  expect(() => of('permission', '2000').mode('permission')).toThrow('permission = 2000 > 1777');
  expect(() => of('offset', '-1').long('offset', { least: 0 })).toThrow(
    'Invalid value for webhdfs parameter "offset": Invalid parameter range: offset = -1 < 0',
  );
});

test('switches, and sets of names', () => {
  expect(of('overwrite', 'TRUE').boolean('overwrite', false)).toBe(true);
  expect(of('overwrite', 'null').boolean('overwrite', true)).toBe(true);
  expect(() => of('overwrite', 'yes').boolean('overwrite', false)).toThrow(
    'Failed to parse "yes" to Boolean.',
  );
  expect(of('flag', 'create, REPLACE').set('flag', 'Flag', ['CREATE', 'REPLACE'])).toEqual([
    'CREATE',
    'REPLACE',
  ]);
  expect(() => of('flag', 'NOW').set('flag', 'Flag', ['CREATE'])).toThrow('No enum constant Flag.NOW');
});

test('what is required is missed by name', () => {
  expect(() => of('destination', '').required('destination', 'RENAME')).toThrow(
    'Required param destination for op: RENAME is null or empty',
  );
});
