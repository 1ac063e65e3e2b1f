import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  parseConf,
  parseDate,
  parseDuration,
  readEnvironmentFiles,
} from '../../src/commands/runDagArguments.ts';

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-arguments-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'file');
  await writeFile(file, text);
  return file;
}

test('a configuration is a JSON object, given or in a file', async () => {
  expect(parseConf('{"a": [1, null, "ß"]}')).toEqual({ a: [1, null, 'ß'] });
  expect(parseConf(`@${await fileWith('{"b": 2}\n')}`)).toEqual({ b: 2 });
});

test.each(['', '{', '{a: 1}', "{'a': 1}", '[1]', '"a"', 'null', '1'])('%j is no configuration', (text) => {
  expect(() => parseConf(text)).toThrow(
    expect.objectContaining({ code: 'conf_invalid', misuse: true }) as Error,
  );
});

test('a file of a configuration that is missing is misuse', () => {
  expect(() => parseConf('@/no/such/file')).toThrow(
    expect.objectContaining({ code: 'conf_unreadable', misuse: true }) as Error,
  );
});

test.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['0.5s', 500],
  ['250ms', 250],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
])('%s is %i ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '0', '-1', '5 m', '5d', 'soon', '1e3', '25d'])('%j is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow('It must be a time');
});

test.each(['2026-01-31', '2026-01-31T06:00:00', '2026-01-31T06:00:00+02:00', '2026-01-31T06:00:00.5Z'])(
  '%s is a date, and is handed on as it is',
  (text) => {
    expect(parseDate(text)).toBe(text);
  },
);

test.each(['yesterday', '', '31.01.2026', '2026-13-01', '2026-02-31', '2026-01-31junk', '2026-01-31 (noon)'])(
  '%j is no date',
  (text) => {
    expect(() => parseDate(text)).toThrow('It must be a date');
  },
);

test('an environment file has names and values, quotes and comments', async () => {
  const file = await fileWith('# comment\nA=1\nexport B="two words"\nC=\'it # is\'\nD=\n');
  const later = await fileWith('A=2\nwhat is this\n');
  const warnings: string[] = [];
  const warn = (line: string): void => void warnings.push(line);
  expect(await readEnvironmentFiles([file, later], warn)).toEqual({
    A: '2',
    B: 'two words',
    C: 'it # is',
    D: '',
  });
  expect(warnings).toEqual([expect.stringContaining(`${later}:2:1: This line is neither NAME=value`)]);
  await expect(readEnvironmentFiles(['/no/such/file'], warn)).rejects.toMatchObject({
    code: 'env_file_unreadable',
    misuse: true,
  });
});
