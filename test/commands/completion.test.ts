import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { completionCommand } from '../../src/commands/completion.ts';

async function scriptFor(shell: string): Promise<string> {
  let text = '';
  const root = new Command('devenv');
  root
    .command('run-dag')
    .summary("run one DAG, or an author's file")
    .option('--conf <json>')
    .option('-w, --watch');
  root.command('logs').summary('what the services say');
  root.addCommand(new Command('supervise').summary('not for people'), { hidden: true });
  root.addCommand(
    completionCommand(root, { stdout: { write: (chunk: string) => Boolean((text += chunk)) } }),
  );
  await root.parseAsync(['node', 'devenv', 'completion', shell]);
  return text;
}

function completions(script: string, ...words: string[]): string[] {
  const ask = `${script}
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
