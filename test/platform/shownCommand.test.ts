import { expect, test } from 'vitest';
import { shownCommand } from '../../src/platform/shownCommand.ts';

test('a command line of others shows no password and moves no cursor', () => {
  expect(shownCommand('psql postgresql://me:s3cret@host/db')).toBe('psql postgresql://…@host/db');
  expect(shownCommand('psql host=h password=s3cret')).toBe('psql host=h password=…');
  expect(shownCommand('a\u001B[2J\n\u202Eb')).toBe('a [2J b');
  expect(shownCommand('x'.repeat(200)).length).toBe(80);
});
