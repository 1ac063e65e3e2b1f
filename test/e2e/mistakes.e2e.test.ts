import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, statfsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { oneTaskDag } from './support/dags.ts';
import { rowsOf } from './support/database.ts';
import { createProject, type Result, type TestProject } from './support/project.ts';

// Only what is wrong in devenv itself may be called a bug of it. Every command meets what people and machines do.
const COMMANDS: readonly (readonly string[])[] = [
  ['run-dag', 'dags/one.py'],
  ['run-dag', 'one'],
  ['up', '-d', '--dry-run'],
  ['attach'],
  ['down'],
  ['restart'],
  ['restart', 'scheduler'],
  ['reload-dags'],
  ['seed'],
  ['seed', '--diff'],
  ['seed', '--export', 'out.yaml'],
  ['secrets', 'list'],
  ['secrets', 'set', 'variables.a'],
  ['secrets', 'rm', 'variables.a'],
  ['secrets', 'edit'],
  ['secrets', 'rekey'],
  ['secrets', 'import', 'secrets.env'],
  ['trust'],
  ['status'],
  ['logs'],
  ['open'],
  ['api', 'dags'],
  ['token'],
  ['list'],
  ['doctor'],
  ['env'],
  ['env', 'list'],
  ['env', 'show'],
  ['airflow', 'version'],
  ['python', '-c', 'pass'],
  ['psql', '-c', 'select 1'],
  ['shell', 'true'],
  ['unlockdb'],
  ['unlockdb', '--end', '1'],
  ['snapshot', 'list'],
  ['snapshot', 'save', 'a'],
  ['snapshot', 'restore', 'a'],
  ['snapshot', 'diff', 'a'],
  ['snapshot', 'rename', 'a', 'b'],
  ['snapshot', 'delete', 'a'],
  ['db', 'status'],
  ['db', 'migrate'],
  ['db', 'reset', '--yes'],
  ['hdfs', 'ls', '/'],
  ['hdfs', 'put', 'devenv.yaml', '/user/a'],
  ['pods'],
  ['kubectl', 'version'],
  ['image', 'load', 'none'],
  ['spark', 'list'],
  ['artifacts', 'list'],
  ['artifacts', 'sync'],
  ['package', 'none', '--output', 'none.zip'],
  ['init'],
  ['completion', 'bash'],
  ['--help'],
];

const FILES = {
  'dags/one.py': oneTaskDag('one', 'pass'),
  'seed/variables.yaml': 'a: b\n',
  'secrets.env': 'A=b\n',
};

const blames = (result: Pick<Result, 'stdout' | 'stderr'>): boolean =>
  /This is a bug in devenv|internal_error|DeprecationWarning/.test(result.stdout + result.stderr);

/** Runs each as `run` does, some at once; gives what those printed that blame devenv. */
async function blaming(
  commands: readonly (readonly string[])[],
  run: (words: readonly string[]) => Promise<Pick<Result, 'stdout' | 'stderr'>>,
): Promise<readonly string[]> {
  const found: string[] = [];
  const left = [...commands];
  const work = async (): Promise<void> => {
    for (let words = left.shift(); words !== undefined; words = left.shift()) {
      const result = await run(words);
      if (blames(result)) found.push(`devenv ${words.join(' ')}\n${result.stdout}${result.stderr}`);
    }
  };
  await Promise.all(Array.from({ length: 3 }, work));
  return found;
}

const LOOKS = COMMANDS.filter(([name = '']) =>
  ['attach', 'seed', 'secrets', 'status', 'token', 'doctor', 'env', 'hdfs', 'init'].includes(name),
);

describe('no command calls it a bug of devenv', () => {
  test.each([
    ['a folder that is not there', ['-C', '/nonexistent/folder']],
    ['a file in the place of a folder', ['-C', '/etc/hostname']],
    ['a configuration that is not there', ['--config', '/nonexistent.yaml']],
    ['a folder in the place of the configuration', ['--config', '/etc']],
    ['a configuration that is no text', ['--config', '/bin/true']],
  ])('%s', async (_name, before) => {
    await using project = await createProject({ airflow: '3.3.2', files: FILES });
    expect(await blaming(LOOKS, (words) => project.devenv([...before, ...words]))).toEqual([]);
  });

  test.each([
    ['a relative folder for temporary files', { TMPDIR: 'relative/folder', AIRFLOW_DEVENV_RUNTIME: '' }],
    ['a runtime folder with too long a name', { AIRFLOW_DEVENV_RUNTIME: `/tmp/${'r'.repeat(130)}` }],
    ['a cache that is a file', { AIRFLOW_DEVENV_CACHE: '/etc/hostname' }],
    ['a key that is none', { AIRFLOW_DEVENV_AGE_IDENTITY: 'AGE-SECRET-KEY-1BAD' }],
  ])('%s', async (_name, env) => {
    await using project = await createProject({ airflow: '3.3.2', files: FILES });
    expect(await blaming(LOOKS, (words) => project.devenv(words, { env }))).toEqual([]);
  });

  // Nothing can be made in the one, and the system says of the other that its parent is missing.
  test.each(['/dev/null', '/proc/nonexistent'])('a home that is %s', async (HOME) => {
    await using project = await createProject({ airflow: '3.3.2', files: FILES });
    const env = { HOME, XDG_CACHE_HOME: '', XDG_CONFIG_HOME: '' };
    expect(await blaming(COMMANDS, (words) => project.devenv(words, { env }))).toEqual([]);
  });

  test('a folder in the place of each file', async () => {
    await using project = await createProject({ airflow: '3.3.2', files: FILES });
    const files = [
      '.devenv/keys.json',
      '.devenv/seeded.json',
      '.devenv/ports.json',
      'seed/secrets.yaml',
      '.env',
    ];
    for (const file of files) {
      await rm(path.join(project.root, file), { force: true });
      await mkdir(path.join(project.root, file), { recursive: true });
    }
    expect(await blaming(COMMANDS, (words) => project.devenv(words))).toEqual([]);
  });

  test('a reader that has gone, and no standard input', async () => {
    await using project = await createProject({ airflow: '3.3.2', files: FILES });
    expect(await blaming(COMMANDS, (words) => closedPipes(project, words))).toEqual([]);
  });

  // Only root may mount a disk that is small enough to be filled.
  test.skipIf(process.getuid?.() !== 0)('a full disk, which loses nothing', async () => {
    await using project = await createProject({ airflow: '3.3.2', files: FILES, usesDefaultPort: true });
    const state = path.join(project.root, '.devenv');
    await mkdir(state);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m,mode=700', 'tmpfs', state]);
    try {
      expect((await project.devenv(['run-dag', '-q', 'dags/one.py'])).code).toBe(0);
      expect((await project.devenv(['snapshot', 'save', 'whole'])).code).toBe(0);
      const rows = await rowsOf(project, '3.3.2');
      const filler = path.join(state, 'filler');
      // Enough for locks and records, too little for a copy of the database.
      for (const words of [
        ['snapshot', 'save', 'second', '--replace'],
        ['snapshot', 'restore', 'whole', '--yes'],
      ])
        expect(await refusedOnFullDisk(project, words, filler)).toMatchObject({
          code: 1,
          stderr: expect.stringContaining('has no space left'),
        });
      appendUntilFull(filler);
      expect(
        await blaming(
          COMMANDS.filter(([name]) => name !== 'down'),
          (words) => project.devenv(words),
        ),
      ).toEqual([]);
      expect((await project.devenv(['up', '-d'])).stderr).toContain('No space is left on the disk.');
      await rm(filler);
      expect((await project.devenv(['snapshot', 'restore', 'whole', '--yes'])).code).toBe(0);
      expect(await rowsOf(project, '3.3.2')).toEqual(rows);
    } finally {
      await project.devenv(['down', '--all']);
      execFileSync('umount', ['--lazy', state]);
    }
  });
});

test('looking at a repository that is not trusted builds nothing of it', async () => {
  await using project = await createProject({
    airflow: '3.3.2',
    files: { ...FILES, 'requirements.txt': '-e .\n', 'setup.py': 'open("built", "w")\n' },
  });
  await project.write({ 'devenv.yaml': 'airflow: {version: 3.3.2, requirements: requirements.txt}\n' });
  for (const words of [
    ['seed', '--diff'],
    ['snapshot', 'list'],
    ['db', 'status'],
    ['unlockdb'],
    ['env', 'show'],
  ])
    expect(await project.devenv(words, { env: { AIRFLOW_DEVENV_TRUST: '' } })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('run  what "-e ." builds or brings  requirements.txt:1'),
    });
  expect(existsSync(path.join(project.root, 'built'))).toBe(false);
});

/** The server gives space back while it works: old pieces of its log. */
async function refusedOnFullDisk(
  project: TestProject,
  words: readonly string[],
  filler: string,
): Promise<Result> {
  for (let round = 0; round < 6; round += 1) {
    const { bavail, bsize } = statfsSync(path.dirname(filler));
    const megabytes = Math.floor((bavail * bsize) / 2 ** 20) - 3;
    for (let each = 0; each < megabytes; each += 1) appendFileSync(filler, Buffer.alloc(2 ** 20));
    const result = await project.devenv(words);
    if (result.code !== 0) return result;
  }
  throw new Error(`devenv ${words.join(' ')} always found space`);
}

function appendUntilFull(file: string): void {
  try {
    for (;;) appendFileSync(file, Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
}

/** Nobody reads what it prints, and there is no standard input; what it complains of goes to a file. */
async function closedPipes(project: TestProject, words: readonly string[]) {
  const program = path.resolve(import.meta.dirname, '../../dist/devenv.js');
  const shell = `"$@" <&- 2>"$0" | true; cat "$0"`;
  const file = path.join(
    path.dirname(project.root),
    `errors-${words.join('-').replaceAll('/', '_').slice(0, 60)}`,
  );
  return promisify(execFile)('bash', ['-c', shell, file, process.execPath, '--', program, ...words], {
    cwd: project.root,
    env: project.env,
    timeout: 120_000,
  });
}
