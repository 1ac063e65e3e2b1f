import { expect, test } from 'vitest';
import { lineSplitter } from '../../src/stack/logIntake.ts';

function lines(...chunks: readonly string[]): string[] {
  const found: string[] = [];
  const split = lineSplitter((line) => found.push(line));
  for (const chunk of chunks) split(chunk);
  return found;
}

test('lines come whole, however they were cut on their way', () => {
  expect(lines('on', 'e\r\ntwo\nth', 'ree\n')).toEqual(['one', 'two', 'three']);
});

test('what has no line break is cut, and what follows the next one is whole again', () => {
  const found = lines('x'.repeat(100_000), 'y'.repeat(100_000), 'z\nnext\n');
  expect(found.map((line) => line.length)).toEqual([65_537, 4]);
  expect(found[1]).toBe('next');
});
