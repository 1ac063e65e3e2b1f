import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { completionCommand } from '../../../src/commands/completion/completion.ts';

async function scriptFor(shell: string): Promise<string> {
  let text = '';
  const root = new Command('devenv');
  root
    .command('run-dag')
    .summary("run one DAG, or an author's file")
    .option('--conf <json>')
    .option('-w, --watch');
  root.command('logs').summary('what the services say');
  const snapshot = root.command('snapshot').summary("copies of the project's database");
  snapshot.command('save').description('makes one').option('--json');
  snapshot.command('restore').description("puts it in the database's place").option('--yes');
  root.addCommand(new Command('supervise').summary('not for people'), { hidden: true });
  root.addCommand(
    completionCommand(root, { stdout: { write: (chunk: string) => Boolean((text += chunk)) } }),
  );
  await root.parseAsync(['node', 'devenv', 'completion', shell]);
  return text;
}

function completions(script: string, ...words: string[]): string[] {
  // Stands for the program, and shows with which words it is asked.
  const ask = `devenv() { echo "asked-$*" | tr ' ' '-'; }
${script}
COMP_WORDS=(devenv "$@"); COMP_CWORD=$#; _devenv; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', ask, 'bash', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

test('bash completes commands, then the flags of the command', async () => {
  const script = await scriptFor('bash');
  expect(completions(script, '')).toEqual([
    'run-dag',
    'logs',
    'snapshot',
    'completion',
    '--help',
    '--version',
    '--directory',
    '--config',
  ]);
  expect(completions(script, 'run')).toEqual(['run-dag']);
  expect(completions(script, 'run-dag', '--')).toEqual(['--conf', '--watch', '--help']);
  expect(completions(script, 'run-dag', '/etc/pass')).toContain('/etc/passwd');
});

test('services are known words, and the command need not be the first one', async () => {
  const script = await scriptFor('bash');
  expect(completions(script, 'logs', 'sch')).toEqual(['scheduler']);
  expect(completions(script, '-C', '/tmp', 'logs', 'dag')).toEqual(['dag-processor']);
  expect(completions(script, '-C', '/etc/pass')).toContain('/etc/passwd');
  expect(completions(script, 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
});

test('what a command has below it is completed, then the flags of that', async () => {
  const script = await scriptFor('bash');
  expect(completions(script, 'snapshot', '')).toEqual(['save', 'restore']);
  expect(completions(script, 'snapshot', 'save', '--')).toEqual(['--json', '--help']);
  expect(completions(script, 'snapshot', 'restore', '--y')).toEqual(['--yes']);
});

test('names that only the project knows come from the program, in the folder that was named', async () => {
  const script = await scriptFor('bash');
  expect(completions(script, 'snapshot', 'restore', '')).toEqual(['asked-complete-snapshots']);
  expect(completions(script, '-C', '/tmp', 'snapshot', 'restore', '')).toEqual([
    'asked--C-/tmp-complete-snapshots',
  ]);
  expect(completions(script, 'run-dag', 'ask')).toContain('asked-complete-dags');
  expect(completions(script, 'snapshot', 'save', 'ask')).not.toContain('asked-complete-snapshots');
});

const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  test.skipIf(!isInstalled(shell))(`is taken by ${shell}`, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'devenv-completion-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'completion');
    await writeFile(file, await scriptFor(shell));
    const check = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect([check.status, check.stderr]).toEqual([0, '']);
  });
});

test('an apostrophe in a summary does not end the quotes of fish', async () => {
  expect(await scriptFor('fish')).toContain(String.raw`author\'s`);
});
