import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { shellFiles } from '../../src/commands/shellFiles.ts';

const SCRIPT = 'echo "$PS1|$PATH|$FROM_START_FILE|$DEVENV_SHELL"\nexit 4\n';

test('bash reads its start file, has the environment first on PATH and a hint in its prompt', () => {
  const { output, status } = start('/bin/bash', '.bashrc');
  expect(output).toContain("(devenv my shop_) mine$ |/environment's/bin:/broken:");
  expect(output).toContain('|yes|');
  expect(status).toBe(4);
});

test('zsh does the same, where it is installed', () => {
  const found = spawnSync('which', ['zsh'], { encoding: 'utf8' }).stdout.trim();
  if (found === '') return;
  expect(start(found, '.zshrc').output).toContain("/environment's/bin:/broken:");
});

test('any other shell gets at least a prompt', () => {
  const { env, args, files } = shellFiles(request('/bin/dash', '/nowhere'));
  expect(env).toMatchObject({ PS1: '(devenv my shop_) $ ' });
  expect([args, files]).toEqual([[], {}]);
});

function start(shell: string, startFile: string): { output: string; status: number | null } {
  const home = mkdtempSync(path.join(tmpdir(), "devenv shell's "));
  const folder = path.join(home, 'files');
  mkdirSync(folder);
  writeFileSync(path.join(home, startFile), 'export PATH=/broken:$PATH PS1="mine$ " FROM_START_FILE=yes\n');
  const { args, env, files } = shellFiles(request(shell, folder));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const { stdout, status } = spawnSync(shell, [...args], {
    env: { PATH: '/usr/bin:/bin', HOME: home, ...env },
    input: SCRIPT,
    encoding: 'utf8',
  });
  return { output: stdout, status };
}

function request(shell: string, folder: string) {
  return { shell, folder, name: 'my shop?', binaries: "/environment's/bin", env: {} };
}
