import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesWith, uniqueSeconds, until } from './support/inspect.ts';
import { createProject, type Result, type TestProject } from './support/project.ts';

const SECRET = 'from-standard-input-6620';
const SECONDS = uniqueSeconds();
const CODES = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const;
const EDITED = 'typed-in-the-editor-9917';

let project: TestProject;
beforeAll(async () => {
  project = await createProject({
    airflow: '3.3.2',
    files: {
      'editor': `#!/bin/sh\nls -l "$1" > editor-saw\nsed -i 's/${SECRET}/${EDITED}/' "$1"\n`,
      'editor-waits': `#!/bin/sh\necho "$1" > editing\nexec sleep ${SECONDS}\n`,
      'editor-breaks': '#!/bin/sh\necho \'a: "typed\' > "$1"\n',
      'editor-mends': '#!/bin/sh\ncat "$1" > editor-saw\nprintf "variables: {token: mended-6612}" > "$1"\n',
      'editor-empties': '#!/bin/sh\n: > "$1"\n',
      'editor-removes': '#!/bin/sh\nrm "$1"\n',
      'editor-sets':
        '#!/bin/sh\nenv | grep -c AGE-SECRET > editor-saw\nprintf second | $DEVENV secrets set meanwhile\n' +
        '[ -z "$BOTH" ] || printf theirs | $DEVENV secrets set token\nsed -i "s/^  token: .*/  token: mine/" "$1"\n',
      'editor-hangs': `#!/bin/sh\nsed -i 's/^variables:/variables:\\n  typed: typed-and-killed-8812/' "$1"\necho "$1" > editing\nexec sleep ${SECONDS}\n`,
    },
  });
  for (const name of readdirSync(project.root).filter((each) => each.startsWith('editor')))
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
  await secrets(['set', 'limits', '--json-value'], '{"a": [1, 2.0]}');
  expect(await file()).not.toContain(SECRET);
  expect((await secrets(['get', 'token'])).stdout).toBe(`${SECRET}\n`);
  expect((await secrets(['get', 'connections.db.password'])).stdout).toBe('pässword\nof two lines\n\n');
  expect((await secrets(['list'])).stdout).toBe(
    'variables.token\nvariables.limits\nconnections.db.password\n',
  );
  expect((await secrets(['set', 'x', '--json-value'], 'no json')).code).toBe(2);
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

test('an edit that can not be read changes nothing, and is kept for the next one', async () => {
  const before = await file();
  const result = await secrets(['edit'], '', { EDITOR: './editor-breaks' });
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('not valid YAML')]);
  expect(result.stderr).toContain('kept, encrypted');
  expect(await file()).toBe(before);
  expectWiped();
  expect(keptEdits()).toHaveLength(1);
  const next = await secrets(['edit'], '', { EDITOR: './editor-mends' });
  expect(next.stderr).toMatch(
    /^Goes on with the edit of .*\nSet variables.token. Removed variables.limits, /,
  );
  expect(readFileSync(path.join(project.root, 'editor-saw'), 'utf8')).toBe('a: "typed\n');
  expect(keptEdits()).toEqual([]);
  await project.write({ 'seed/secrets.age.yaml': before });
});

test.each([
  ['empties', 'secrets_edit_empty', 'would be removed'],
  ['removes', 'editor_failed', 'has removed the file'],
])('an editor that %s the file changes nothing', async (name, _code, words) => {
  const before = await file();
  const result = await secrets(['edit'], '', { EDITOR: `./editor-${name}` });
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(words)]);
  expect([await file(), keptEdits()]).toEqual([before, []]);
  expectWiped();
});

test.each(['no-such-editor', 'vi "'])(
  '%s as an editor is a mistake that says what to set',
  async (editor) => {
    const result = await secrets(['edit'], '', { EDITOR: editor });
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('Set VISUAL or EDITOR')]);
    expectWiped();
  },
);

test('an empty value is refused: the command in front of the pipe may have failed', async () => {
  const refused = await secrets(['set', 'token'], '\n');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--empty')]);
  expect((await secrets(['get', 'token'])).stdout).toBe(`${EDITED}\n`);
  expect((await secrets(['set', 'nothing', '--empty'])).code).toBe(0);
  expect((await secrets(['get', 'nothing'])).stdout).toBe('\n');
});

test('rm removes, also under the names that other tools have for it', async () => {
  expect((await secrets(['unset', 'variables.nothing'])).code).toBe(0);
  const again = await secrets(['rm', 'nothing']);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('There is no secret')]);
});

test('twelve that set a value at once are all in the file', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `at_once_${index}`);
  const results = await Promise.all(names.map((name) => secrets(['set', name], `${name}-value`)));
  expect(results.map(({ code }) => code)).toEqual(names.map(() => 0));
  const listed = (await secrets(['list'])).stdout;
  expect(names.filter((name) => !listed.includes(`variables.${name}\n`))).toEqual([]);
  expect((await secrets(['rm', ...names])).code).toBe(0);
});

test('what is set while an editor is open stays, and a secret that both have changed is a conflict', async () => {
  const identity = readFileSync(identityFile(), 'utf8').split('\n')[1]!;
  const program =
    process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');
  const env = {
    EDITOR: './editor-sets',
    DEVENV: `${process.execPath} ${program}`,
    AIRFLOW_DEVENV_AGE_IDENTITY: identity,
  };
  expect((await secrets(['edit'], '', env)).stderr).toContain('Set variables.token.\n');
  expect((await secrets(['get', 'meanwhile'])).stdout).toBe('second\n');
  expect((await secrets(['get', 'token'])).stdout).toBe('mine\n');
  expect(readFileSync(path.join(project.root, 'editor-saw'), 'utf8')).toBe('0\n');
  await secrets(['set', 'token'], EDITED);
  const refused = await secrets(['edit'], '', { ...env, BOTH: 'yes' });
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Changed by another command')]);
  expect((await secrets(['get', 'token'])).stdout).toBe('theirs\n');
  expect(keptEdits()).toHaveLength(1);
  expect((await secrets(['edit', '--fresh'], '', { EDITOR: 'true' })).stderr).toBe('Nothing has changed.\n');
  expect(keptEdits()).toEqual([]);
  await secrets(['set', 'token'], EDITED);
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
    const { code, stderr } = await started.ended;
    expect([code, stderr]).toEqual([CODES[signal], '']);
    expect(existsSync(aside)).toBe(false);
    expectWiped();
    await until(
      () => processesWith(`sleep ${SECONDS}`).length === 0,
      () => processesWith(`sleep ${SECONDS}`),
    );
  },
);

test('what kill -9 of an edit has left in the clear goes with the next command, what was typed is kept', async () => {
  await project.write({ editing: '' });
  const started = project.start(['secrets', 'edit'], { env: environment({ EDITOR: './editor-hangs' }) });
  const marker = path.join(project.root, 'editing');
  await until(
    () => readFileSync(marker, 'utf8').includes('\n'),
    () => readdirSync(project.root),
  );
  started.kill('SIGKILL');
  await until(
    () => !existsSync(`/proc/${started.pid}`),
    () => processesWith(`sleep ${SECONDS}`),
  );
  for (const { pid } of processesWith(`sleep ${SECONDS}`)) process.kill(pid);
  await started.ended;
  const folder = path.dirname(readFileSync(marker, 'utf8').trim());
  const doctor = await project.devenv(['doctor'], { env: environment() });
  expect(doctor.stdout).toContain(`in the clear, left by an edit that was killed: ${folder}`);
  expect((await secrets(['list'])).stderr).toContain('it is kept, encrypted');
  expectWiped();
  const [kept = ''] = keptEdits();
  expect(readFileSync(path.join(project.root, '.devenv', kept), 'utf8')).not.toContain('typed-and-killed');
  expect((await secrets(['edit'], '', { EDITOR: 'true' })).stderr).toContain('Set variables.typed.');
  expect((await secrets(['rm', 'typed'])).code).toBe(0);
});

test('who removes the own recipient is asked, and refused where nobody can answer', async () => {
  const { own } = JSON.parse((await secrets(['list', '--json'])).stdout) as { own: string[] };
  const refused = await secrets(['rekey', '--remove', own[0]!]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('your own recipient')]);
});

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

function keptEdits(): string[] {
  return readdirSync(path.join(project.root, '.devenv')).filter((name) => name.startsWith('secrets-edit'));
}

function expectWiped(): void {
  const runtime = project.env['AIRFLOW_DEVENV_RUNTIME'] ?? '';
  const left = readdirSync(runtime, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('edit-'),
  );
  expect(left).toEqual([]);
}
