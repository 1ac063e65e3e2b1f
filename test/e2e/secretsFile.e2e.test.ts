import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesWith, uniqueSeconds, until } from './support/inspect.ts';
import { createProject, type Result, type TestProject } from './support/project.ts';

const SECRET = 'from-standard-input-6620';
const SECONDS = uniqueSeconds();
const EDITED = 'typed-in-the-editor-9917';

let project: TestProject;
beforeAll(async () => {
  project = await createProject({
    airflow: '3.3.2',
    files: {
      'editor': `#!/bin/sh\nls -l "$1" > editor-saw\nsed -i 's/${SECRET}/${EDITED}/' "$1"\n`,
      'editor-waits': `#!/bin/sh\necho "$1" > editing\nexec sleep ${SECONDS}\n`,
      'editor-breaks': '#!/bin/sh\necho \'a: "\' > "$1"\n',
    },
  });
  for (const name of ['editor', 'editor-waits', 'editor-breaks'])
    chmodSync(path.join(project.root, name), 0o755);
});
afterAll(() => project[Symbol.asyncDispose]());

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...project.env, XDG_CONFIG_HOME: path.join(project.root, 'config'), ...more };
}

/** With something on standard input. */
async function secrets(args: readonly string[], input = '', more: NodeJS.ProcessEnv = {}): Promise<Result> {
  const program =
    process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');
  const begun = performance.now();
  const child = spawn(process.execPath, [program, 'secrets', ...args], {
    cwd: project.root,
    env: environment(more),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  child.stdin.end(input);
  const code = await new Promise<number>((resolve) => {
    child.on('close', (ended) => resolve(ended ?? -1));
  });
  return { code, stdout, stderr, milliseconds: performance.now() - begun };
}

function file(): Promise<string> {
  return readFile(path.join(project.root, 'seed/secrets.age.yaml'), 'utf8');
}

function identityFile(): string {
  return path.join(project.root, 'config/airflow-devenv/identity.txt');
}

test('without a file of secrets the first step is told', async () => {
  const result = await secrets(['set', 'token'], SECRET);
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('devenv secrets init')]);
});

test('init makes an identity for its owner only, and never again', async () => {
  expect((await secrets(['init'])).code).toBe(0);
  expect(statSync(identityFile()).mode & 0o777).toBe(0o600);
  const before = readFileSync(identityFile(), 'utf8');
  expect((await secrets(['init'])).code).toBe(0);
  expect(readFileSync(identityFile(), 'utf8')).toBe(before);
});

test('set reads standard input, get gives it back', async () => {
  const set = await secrets(['set', 'token'], `${SECRET}\n`);
  expect([set.code, set.stdout + set.stderr]).toEqual([0, expect.not.stringContaining(SECRET)]);
  await secrets(['set', 'connections.db.password'], 'pässword\nof two lines\n');
  await secrets(['set', 'limits', '--json'], '{"a": [1, 2.0]}');
  expect(await file()).not.toContain(SECRET);
  expect((await secrets(['get', 'token'])).stdout).toBe(`${SECRET}\n`);
  expect((await secrets(['get', 'connections.db.password'])).stdout).toBe('pässword\nof two lines\n\n');
  expect((await secrets(['list'])).stdout).toBe(
    'variables.token\nvariables.limits\nconnections.db.password\n',
  );
  expect((await secrets(['set', 'x', '--json'], 'no json')).code).toBe(2);
});

test('a value as a word of the command line is refused', async () => {
  expect((await secrets(['set', 'token', 'in-the-command-line'])).code).toBe(2);
});

test('edit changes what was edited; the file it used was private, and is gone', async () => {
  const before = (await file()).split('\n');
  const result = await secrets(['edit'], '', { EDITOR: './editor' });
  expect([result.code, result.stderr]).toEqual([0, 'Set variables.token.\n']);
  expect((await secrets(['get', 'token'])).stdout).toBe(`${EDITED}\n`);
  const saw = await readFile(path.join(project.root, 'editor-saw'), 'utf8');
  expect(saw).toMatch(/^-rw------- /);
  const after = new Set((await file()).split('\n'));
  const kept = before.filter((line) => after.has(line)).length;
  expect(kept).toBeGreaterThan(before.length - 10);
  expectWiped();
});

test('an edit that can not be read changes nothing', async () => {
  const before = await file();
  const result = await secrets(['edit'], '', { EDITOR: './editor-breaks' });
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('not valid YAML')]);
  expect(await file()).toBe(before);
  expectWiped();
});

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
  '%s while the editor is open wipes the file',
  async (signal) => {
    await project.write({ editing: '' });
    const started = project.start(['secrets', 'edit'], { env: environment({ EDITOR: './editor-waits' }) });
    const marker = path.join(project.root, 'editing');
    await until(
      () => existsSync(marker) && readFileSync(marker, 'utf8').includes('\n'),
      () => readdirSync(project.root),
    );
    const aside = readFileSync(marker, 'utf8').trim();
    expect(readFileSync(aside, 'utf8')).toContain(EDITED);
    started.kill(signal);
    await started.ended;
    expect(existsSync(aside)).toBe(false);
    expectWiped();
    await until(
      () => processesWith(`sleep ${SECONDS}`).length === 0,
      () => processesWith(`sleep ${SECONDS}`),
    );
  },
);

test('others who are added can read, who is removed can not', async () => {
  const own = (await secrets(['list', '--json'])).stdout;
  const { recipients } = JSON.parse(own) as { recipients: string[] };
  const other = { XDG_CONFIG_HOME: path.join(project.root, 'other') };
  expect((await secrets(['init'], '', other)).stderr).toContain('not encrypted for you');
  const theirs = (JSON.parse((await secrets(['list', '--json'], '', other)).stdout) as { own: string[] })
    .own[0]!;
  expect((await secrets(['get', 'token'], '', other)).code).toBe(1);
  expect((await secrets(['rekey', '--add', theirs])).code).toBe(0);
  expect((await secrets(['get', 'token'], '', other)).stdout).toBe(`${EDITED}\n`);
  expect((await secrets(['rekey', '--remove', recipients[0]!], '', other)).code).toBe(0);
  const refused = await secrets(['get', 'token']);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('not encrypted for your age identity'),
  ]);
  expect((await secrets(['rekey', '--add', recipients[0]!], '', other)).code).toBe(0);
});

test('import encrypts what another seed file has', async () => {
  await project.write({
    'plain.yaml':
      'variables: {imported: imported-secret-3381}\nconnections: {c: {conn_type: http, password: pw-5512-x}}\n',
  });
  expect((await secrets(['import', 'plain.yaml'])).code).toBe(0);
  expect((await secrets(['get', 'imported'])).stdout).toBe('imported-secret-3381\n');
  const text = await file();
  expect(text).toContain('conn_type: http');
  expect(text).not.toMatch(/imported-secret|pw-5512/);
});

function expectWiped(): void {
  const runtime = project.env['AIRFLOW_DEVENV_RUNTIME'] ?? '';
  const left = readdirSync(runtime, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('edit-'),
  );
  expect(left).toEqual([]);
}
