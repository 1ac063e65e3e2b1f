import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { openInBrowser } from '../../src/platform/browser.ts';
import { runCommand } from '../../src/platform/childProcess.ts';
import { runLogged } from '../../src/platform/daemon.ts';
import { runInForeground } from '../../src/platform/foregroundProcess.ts';
import { startGroupLeader } from '../../src/platform/groupLeader.ts';
import { runGuarded } from '../../src/platform/guardedProcess.ts';
import { startPipedProcess } from '../../src/platform/pipedProcess.ts';

const PLATFORM = path.resolve(import.meta.dirname, '../../src/platform');
const env = {
  PATH: process.env['PATH'] ?? '',
  DISPLAY: ':0',
  AIRFLOW_DEVENV_AGE_IDENTITY: 'AGE-SECRET-KEY-1THIS',
  OTHER: 'given on',
};
const signal = new AbortController().signal;
const onInterrupt = () => () => {};

let cwd = '';
/** Prints its environment into a file of that name. */
let program = '';
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'devenv-child-'));
  program = path.join(cwd, 'xdg-open');
  await writeFile(program, '#!/bin/sh\nfile=${1#file://}\nenv > "$file.part" && mv "$file.part" "$file"\n');
  await chmod(program, 0o755);
});

const STARTS: readonly [name: string, start: (file: string) => Promise<unknown>][] = [
  ['runCommand', (file) => runCommand(program, [file], { env })],
  [
    'runInForeground',
    (file) => runInForeground(program, [file], { env, cwd, onInterrupt, sharesTerminal: false }),
  ],
  [
    'runLogged',
    (file) => runLogged(program, [file], { env, cwd, logFile: `${file}.log`, runAs: undefined, signal }),
  ],
  [
    'startGroupLeader',
    async (file) =>
      (await startGroupLeader(program, [file], { env, cwd, input: '', onLine: () => {} })).ended,
  ],
  [
    'runGuarded',
    (file) =>
      runGuarded(program, [file], {
        env,
        cwd,
        stdout: [new PassThrough()],
        stderr: [new PassThrough()],
        onInterrupt,
        graceMs: 1000,
        endsWithParent: false,
        onStarted: async () => {},
      }),
  ],
  [
    'startPipedProcess',
    async (file) => {
      const { output } = startPipedProcess(program, [file], { env, cwd, input: '', logFile: `${file}.log` });
      await new Promise((resolve) => output.on('close', resolve).resume());
    },
  ],
  ['openInBrowser', (file) => openInBrowser(file, { ...env, PATH: `${cwd}:${env.PATH}` }, 'linux')],
];

test.each(STARTS)('%s keeps the key of the secrets from what it starts', async (name, start) => {
  const file = path.join(cwd, name);
  await start(file);
  const seen = await readFile(file, 'utf8');
  expect(seen).toContain('OTHER=given on');
  expect(seen).not.toMatch(/AGE_IDENTITY|AGE-SECRET-KEY/);
});

test('every start of a process goes through the one place that cleans its environment', () => {
  const starts = /\b(?:spawn|execa|promisify\(execFile\))\((?!\))/g;
  const found = readdirSync(PLATFORM).flatMap((name) => {
    const text = readFileSync(path.join(PLATFORM, name), 'utf8');
    return [...text.matchAll(starts)].map(
      (match) => `${name}: ${text.slice(match.index, match.index + 260)}`,
    );
  });
  expect(found.length).toBeGreaterThan(8);
  // Or is given nothing but PATH and the language.
  const isClean = (call: string): boolean =>
    /env: childVariables\(/.test(call) || /env: \{ PATH: /.test(call) || call.startsWith('ports.ts');
  expect(found.filter((call) => !isClean(call))).toEqual([]);
});
