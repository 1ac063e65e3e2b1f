import { expect, test } from 'vitest';
import { compareNames } from '../../../src/hdfs/store/nameOrder.ts';

test('names are in the order of their bytes, as Java counts these: beyond ASCII comes first', () => {
  const names = ['b', 'a', 'ż', '日', 'B', '😀', 'ab', '', '\u007f'];
  expect(names.sort(compareNames)).toEqual(
    ['ż', '日', '😀', 'B', 'a', 'ab', 'b', '\u007f', ''].sort(bySignedBytes),
  );
});

function bySignedBytes(one: string, other: string): number {
  const [left, right] = [new Int8Array(Buffer.from(one)), new Int8Array(Buffer.from(other))];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    if (left[index] !== right[index]) return left[index]! - right[index]!;
  }
  return left.length - right.length;
}
