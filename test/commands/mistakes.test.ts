import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandTable, type TableCommand } from './support/commandTable.ts';
import { runInProcess } from './support/inProcess.ts';

// "This is a bug in devenv" is for bugs. Every command of the table is given what people give by mistake.

const BUG = /This is a bug in devenv|The supervisor failed|The runner failed/;
/** They wait for another process of ours, or have no mistakes to make. */
const OTHERS = new Set(['supervise', 'hdfs-server', 'completion']);
const TABLE = commandTable().filter(({ words }) => !OTHERS.has(words[0] ?? ''));

let folder = '';
let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mistakes-'));
  await mkdir(path.join(folder, 'project/dags'), { recursive: true });
  await writeFile(path.join(folder, 'a_file'), 'text\n');
  await writeFile(path.join(folder, 'bad.yaml'), 'airflow: [\n');
  env = {
    HOME: folder,
    PATH: '/nonexistent',
    AIRFLOW_DEVENV_CACHE: path.join(folder, 'cache'),
    AIRFLOW_DEVENV_RUNTIME: path.join(folder, 'runtime'),
    TMPDIR: tmpdir(),
    // Nothing is downloaded here.
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    NO_COLOR: '1',
  };
});

function commandLine({ words, required }: TableCommand, value = 'nope'): string[] {
  return [...words, ...Array.from({ length: required }, () => value)];
}

async function expectNoBug(words: readonly string[], cwd = (): string => path.join(folder, 'project')) {
  const { code, output } = await runInProcess(words, { env, cwd });
  expect(output, words.join(' ')).not.toMatch(BUG);
  return { code, output };
}

describe.each(TABLE.map((each) => [each.words.join(' '), each] as const))('%s', (_name, command) => {
  test('a folder that is not there, and what is none', async () => {
    for (const bad of ['nonexistent', 'a_file'])
      await expectNoBug(['-C', path.join(folder, bad), ...commandLine(command)]);
  });

  test('a configuration that is not there, is a folder, or is no YAML', async () => {
    for (const bad of ['nonexistent.yaml', 'project', 'bad.yaml'])
      await expectNoBug(['--config', path.join(folder, bad), ...commandLine(command)]);
  });

  test('a working directory that was removed', async () => {
    await expectNoBug(commandLine(command), () => {
      throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), { code: 'ENOENT' });
    });
  });

  test.each(command.options)('%s with values that mean nothing', async (option) => {
    for (const value of ['', '-1', 'nope', '/nonexistent/x', folder, 'a'.repeat(5000)])
      await expectNoBug([...commandLine(command), option, value]);
  });

  test('readers that have closed their ends', async () => {
    const { uncaught } = await runInProcess(
      ['-C', path.join(folder, 'nonexistent'), ...commandLine(command)],
      {
        env,
        cwd: () => folder,
        isClosed: true,
      },
    );
    expect(uncaught).toEqual([]);
  });

  test('arguments that are no files', async () => {
    for (const value of ['', '-1', '/nonexistent/x', folder, '/dev/null', 'a'.repeat(5000), '..'])
      await expectNoBug(commandLine({ ...command, required: Math.max(1, command.required) }, value));
  });
});
