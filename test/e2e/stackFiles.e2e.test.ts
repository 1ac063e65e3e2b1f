import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cacheDirectory } from '../../src/platform/paths.ts';
import { oneTaskDag } from './support/dags.ts';
import { createProject } from './support/project.ts';
import { requireStrace, STRACE_FILES, tracedFiles, type TracedFile } from './support/strace.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** No files; and Postgres' own, in the data folder, which is its working directory. */
const HARMLESS = /^\/(dev\/(null|tty)$|proc\/)|^\(working directory\)\/(pg_\w+|base|global)\//;

test(
  'all that is written lies in folders of our own, or has a name that cannot be guessed',
  { timeout: 600_000 },
  async () => {
    requireStrace();
    await using project = await createProject({
      airflow: '3.3.2',
      files: { 'dags/quick.py': oneTaskDag('quick', 'pass'), 'seed/variables.yaml': 'a: 1\n' },
    });
    await project.write({ 'devenv.yaml': 'airflow: {version: 3.3.2}\nhdfs: {}\n' });
    const temporary = path.join(path.dirname(project.root), 'tmp');
    await mkdir(temporary, { mode: 0o1777 });
    const env = { ...project.env, TMPDIR: temporary, XDG_RUNTIME_DIR: '', AIRFLOW_DEVENV_RUNTIME: '' };
    const trace = path.join(project.root, 'trace');
    const program = process.env['DEVENV_TEST_PROGRAM'] ?? path.join(ROOT, 'dist/devenv.js');
    const commands = ['--help', 'run-dag quick', 'seed', 'hdfs ls /', 'up -d', 'open --print', 'down --all'];
    const script = commands.map((each) => `"$0" -- "$1" ${each} || echo "failed: ${each}"`).join('\n');
    const words = [...STRACE_FILES, '-o', trace, 'sh', '-c', script, process.execPath, program];
    // It ends with the last process that any of them has started.
    const { stdout } = await promisify(execFile)('strace', words, {
      cwd: project.root,
      env,
      maxBuffer: 2 ** 26,
    });
    expect(stdout).not.toContain('failed: ');
    const files = tracedFiles(await readFile(trace, 'utf8'));
    const own = [
      project.root,
      cacheDirectory({ env, platform: process.platform }),
      path.join(temporary, `airflow-devenv-${process.getuid?.()}`),
      // Python stores what it has compiled beside the program.
      path.join(ROOT, 'dist'),
      path.dirname(path.dirname(program)),
    ];
    const isOwn = (file: string): boolean => own.some((each) => file === each || file.startsWith(`${each}/`));
    const elsewhere = files.filter(
      (each) => (each.writes || each.path.startsWith(`${temporary}/`)) && !isOwn(each.path),
    );
    const made = elsewhere.filter((each) => each.isNew && isUnguessable(each.path)).map((each) => each.path);
    const offences = elsewhere.filter((each) => !HARMLESS.test(each.path) && !isBelow(each, made));
    expect(offences.map((each) => each.line)).toEqual([]);
    // What was looked for is seen at all.
    expect(files.some((each) => each.path.includes('node-compile-cache') && isOwn(each.path))).toBe(true);
    expect(files.some((each) => each.path.endsWith('/supervisor.sock'))).toBe(true);
    expect(files.some((each) => each.path === path.join(homedir(), 'airflow'))).toBe(false);
  },
);

/** Of `mkdtemp`, `mkstemp` and semaphores, and Postgres' shared memory with a random number. */
function isUnguessable(file: string): boolean {
  const prefixes = 'tmp|pym-\\d+-|devenv-warm-up-|airflow-devenv-migrate-|sem\\.(?:mp-)?|PostgreSQL\\.';
  return new RegExp(`^(?:${prefixes})?\\w{6,10}$`).test(path.basename(file));
}

function isBelow({ path: file }: TracedFile, folders: readonly string[]): boolean {
  return folders.some((each) => file === each || file.startsWith(`${each}/`));
}
