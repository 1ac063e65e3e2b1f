import { execFileSync, spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { expect, test } from 'vitest';
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

test.each(['zsh', 'fish'])('%s takes the script, where it is installed', async (shell) => {
  const script = await scriptFor(shell);
  expect(script).toContain('run-dag');
  const check = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
  if (check.error === undefined) expect([check.status, check.stderr]).toEqual([0, '']);
});

test('an apostrophe in a summary does not end the quotes of fish', async () => {
  expect(await scriptFor('fish')).toContain(String.raw`author\'s`);
});
