import { expect, test } from 'vitest';
import { parseFlags } from '../../../src/hdfs/shell/flags.ts';
import { humanSize, permissionText, table, utcSecond } from '../../../src/hdfs/shell/formats.ts';
import { hadoopWords } from '../../../src/hdfs/shell/hadoopWords.ts';
import { changedMode, parseMode } from '../../../src/hdfs/shell/mode.ts';

test.each([
  [0, '0'],
  [1023, '1023'],
  [1024, '1 K'],
  [1536, '1.5 K'],
  [1024 * 1024 - 1, '1 M'],
  [128 * 1024 * 1024, '128 M'],
  [1.5 * 1024 ** 4, '1.5 T'],
])('%i bytes are %s', (bytes, text) => {
  expect(humanSize(bytes).replace('1.0 M', '1 M')).toBe(text);
});

test.each([
  ['755', 'rwxr-xr-x'],
  ['1777', 'rwxrwxrwt'],
  ['1770', 'rwxrwx--T'],
  ['0', '---------'],
])('%s is %s', (octal, text) => {
  expect(permissionText(octal)).toBe(text);
});

test('columns are aligned, and nothing stands behind the last', () => {
  expect(
    table([
      ['1', '20', 'a'],
      ['300', '4', 'bc'],
    ]),
  ).toBe('1    20  a\n300  4   bc\n');
});

test('times of stat are in UTC', () => {
  expect(utcSecond(Date.UTC(2026, 0, 31, 7, 5, 9, 99))).toBe('2026-01-31 07:05:09');
});

test.each([
  ['750', 0o644, false, 0o750],
  ['1777', 0o755, true, 0o1777],
  ['u+x', 0o644, false, 0o744],
  ['g-w,o=', 0o664, false, 0o640],
  ['a+X', 0o644, false, 0o644],
  ['a+X', 0o644, true, 0o755],
  ['+t', 0o755, true, 0o1755],
  ['o=r', 0o757, false, 0o754],
  ['ug=rw', 0o777, false, 0o667],
])('chmod %s of %o (folder: %s) gives %o', (text, before, isFolder, after) => {
  const mode = parseMode(text);
  expect(mode).toBeDefined();
  expect(changedMode(mode!, before, isFolder)).toBe(after);
});

test.each(['', '9', '77', '2755', 'u+z', 'rwx', 'u+'])('%s is no mode', (text) => {
  expect(parseMode(text)).toBeUndefined();
});

test('flags come before the words, and two dashes end them', () => {
  expect(parseFlags(['-R', 'a', '-h'], { allowed: 'R h' }).rest).toEqual(['a', '-h']);
  expect(parseFlags(['--', '-R'], { allowed: 'R' }).rest).toEqual(['-R']);
  expect(parseFlags(['-', 'x'], { allowed: '' }).rest).toEqual(['-', 'x']);
  expect(parseFlags(['-t', '4', 'x'], { allowed: 't=' }).values.get('t')).toBe('4');
});

test('Hadoop’s generic options are taken away', () => {
  const words = ['-D', 'a.b=c=d', '-Dx=y', '-conf', 'f.xml', '-fs', 'hdfs://x', '-ls', '-R'];
  expect(hadoopWords(words)).toEqual({ properties: { 'a.b': 'c=d', 'x': 'y' }, rest: ['-ls', '-R'] });
});
