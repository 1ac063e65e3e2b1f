import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { encryptText } from '../../src/seed/secrets/age.ts';
import { oneTaskDag } from './support/dags.ts';
import { LARGE, PEM, readBack, SECRETS, SEED_FILES, type Found } from './support/awkwardSeed.ts';
import { processesWith, queryDatabase } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, type Result, type TestProject } from './support/project.ts';

interface Report {
  readonly ok: boolean;
  readonly changed: boolean;
  readonly items: readonly {
    readonly kind?: string;
    readonly name?: string;
    readonly action: string;
    readonly shadowed_by?: string;
    readonly error?: { readonly code: string; readonly file?: string; readonly line?: number };
    readonly changes?: readonly { field: string; before: string | null; after: string | null }[];
  }[];
}

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  let project: TestProject;
  let first: Result;
  let env: NodeJS.ProcessEnv;
  let identity: string;
  const seen: { pid: number; commandLine: string }[] = [];

  beforeAll(async () => {
    project = await createProject({ airflow, files: SEED_FILES });
    identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    const armored = await encryptText(SECRETS.fromAge, [recipient]);
    await project.write({
      'seed/secrets.age.yaml': `recipients: [${recipient}]\nconnections:\n  by_age:\n    password: |\n${armored.replaceAll(/^/gm, '      ')}\n`,
    });
    env = {
      SEED_TOKEN: SECRETS.fromEnvironment,
      SEED_NESTED_API_KEY: SECRETS.nested,
      AIRFLOW_DEVENV_AGE_IDENTITY: identity,
    };
    await project.write({
      'seed/devenv-seed-tool': `#!/bin/sh\nsleep 0.2\necho ${SECRETS.fromCommand}\n`,
    });
    chmodSync(path.join(project.root, 'seed/devenv-seed-tool'), 0o755);
    const started = project.start(['seed', '--json'], { env });
    const timer = setInterval(() => seen.push(...processesWith('')), 30);
    first = await started.ended;
    clearInterval(timer);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  function seed(args: readonly string[] = [], more: NodeJS.ProcessEnv = {}): Promise<Result> {
    return project.devenv(['seed', ...args], { env: { ...env, ...more } });
  }

  test('everything is created, and nothing fails', () => {
    expect([first.code, first.stderr.includes('error')]).toEqual([0, false]);
    const { items, ok } = JSON.parse(first.stdout) as Report;
    expect(ok).toBe(true);
    expect(items.filter(({ action }) => action !== 'created')).toEqual([]);
    expect(items.length).toBeGreaterThanOrEqual(30);
  });

  test('a task reads back what the files mean', async () => {
    const names = (JSON.parse(first.stdout) as Report).items;
    const of = (kind: string): string[] =>
      names.filter((each) => each.kind === kind).map((each) => each.name ?? '');
    await project.write({
      'asked.json': JSON.stringify({ variables: of('variable'), connections: of('connection') }),
    });
    const run = await project.devenv(['run-dag', 'dags/read_back.py']);
    expect([run.code, run.stdout]).toEqual([0, expect.any(String)]);
    const found = await readBack(project);
    expectVariables(found);
    expectConnections(found);
    const pools = await queryDatabase(
      project,
      airflow,
      `select pool, slots, description, include_deferred from slot_pool where pool <> 'default_pool' order by pool`,
    );
    expect(pools).toEqual([
      { pool: 'deferring', slots: 3, description: 'with: colon', include_deferred: true },
      { pool: 'endless', slots: -1, description: '', include_deferred: false },
    ]);
    const [described] = await queryDatabase(
      project,
      airflow,
      `select description, is_encrypted from variable where key = 'described'`,
    );
    expect(described).toEqual({ description: 'what it is for', is_encrypted: true });
  });

  test('a second seed touches nothing, with the warm runner as well', async () => {
    const rows = async (): Promise<unknown> =>
      queryDatabase(project, airflow, 'select id, key, val, xmin::text from variable order by id');
    const before = await rows();
    const result = await seed(['--json']);
    const { items, changed } = JSON.parse(result.stdout) as Report;
    expect([result.code, changed]).toEqual([0, false]);
    expect(items.filter(({ action }) => action !== 'unchanged')).toEqual([]);
    expect(await rows()).toEqual(before);
  });

  test('a seed after `down` is stored: the warm process takes a new connection', async () => {
    // Its spare process is connected to the server that stops here.
    expect((await project.devenv(['run-dag', 'dags/read_back.py'])).code).toBe(0);
    const more = {
      ...SEED_FILES,
      'seed/variables.yaml': `${SEED_FILES['seed/variables.yaml']}  after_down: 1\n`,
    };
    await project.write(more);
    expect((await seed()).code).toBe(0);
    expect((await project.devenv(['down'])).code).toBe(0);
    await project.write(SEED_FILES);
    const pruned = await seed(['--prune', '--json']);
    const actions = (JSON.parse(pruned.stdout) as Report).items.filter((each) => each.action !== 'unchanged');
    expect([pruned.code, actions.map(({ name, action }) => [name, action])]).toEqual([
      0,
      [['after_down', 'removed']],
    ]);
  });

  test('what a run prints has no seeded secret', async () => {
    await project.write({
      'asked.json': JSON.stringify({
        variables: [],
        connections: [],
        show: ['pem', 'pem_inline', 'from_env', 'from_command', 'nested'],
      }),
    });
    const run = await project.devenv(['run-dag', '--json', 'dags/read_back.py']);
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('shown from_env ***')]);
    expectNoSecret(run.stdout + run.stderr, 'the output of a run');
  });

  test('a secret stays masked, and encrypted in an export, after its line or its reference has gone', async () => {
    const [before, after] = ['of-the-first-seed-7712', 'of-the-second-seed-9981'];
    const lines = SEED_FILES['seed/variables.yaml'];
    await project.write({
      'seed/variables.yaml': `${lines}  rotated: file:rotated.txt\n  lost: file:lost.txt\n`,
      'seed/rotated.txt': before,
      'seed/lost.txt': 'pin1',
      'asked.json': JSON.stringify({ variables: [], connections: [], show: ['rotated', 'lost'] }),
    });
    expect((await seed()).code).toBe(0);
    expect((await project.devenv(['snapshot', 'save', 'first'])).code).toBe(0);
    await project.write({ 'seed/rotated.txt': after });
    expect((await seed()).code).toBe(0);
    await rm(path.join(project.root, 'seed/rotated.txt'));
    await project.write({ 'seed/variables.yaml': `${lines}  rotated: file:rotated.txt\n` });
    expect((await seed()).code).toBe(2);
    for (const restore of [false, true]) {
      if (restore) expect((await project.devenv(['snapshot', 'restore', 'first', '-y'])).code).toBe(0);
      const run = await project.devenv(['run-dag', '--json', 'dags/read_back.py']);
      expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('shown rotated ***')]);
      expect(run.stdout).not.toContain(restore ? before : after);
    }
    expect((await seed(['--export', 'gone.yaml'])).code).toBe(0);
    const text = await readFile(path.join(project.root, 'gone.yaml'), 'utf8');
    expect(text).toMatch(/rotated: \|\n\s+-----BEGIN AGE/);
    // Too short to be masked, and a secret all the same.
    expect(text).toMatch(/lost: \|\n\s+-----BEGIN AGE/);
    await project.write({ 'seed/variables.yaml': lines });
    expect((await seed(['--prune', '--json'])).code).toBe(0);
  });

  test('--diff and --check name what differs, secrets as fingerprints', async () => {
    await project.write({
      'seed/variables.yaml': SEED_FILES['seed/variables.yaml']
        .replace('number: 42', 'number: 43')
        .replace('  date: 2026-01-31\n', ''),
    });
    const diff = await seed(['--diff'], { SEED_TOKEN: 'another-token-1234' });
    expect([diff.code, diff.stdout]).toEqual([0, expect.stringContaining('- value: 42')]);
    expect(diff.stdout).toContain('+ value: 43');
    expect(diff.stdout).toMatch(/- value: \*\*\* [0-9a-f]{8}/);
    expect(diff.stdout).toContain('--prune deletes it');
    expect(diff.stdout).not.toContain('another-token-1234');
    expectNoSecret(diff.stdout + diff.stderr, 'the difference');
    expect((await seed(['--check'])).code).toBe(1);
    const pruned = await seed(['--prune', '--json']);
    const actions = (JSON.parse(pruned.stdout) as Report).items.filter((each) => each.action !== 'unchanged');
    expect(actions.map(({ name, action }) => [name, action])).toEqual([
      ['number', 'updated'],
      ['date', 'removed'],
    ]);
    expect((await seed(['--check'])).code).toBe(0);
    expect(await queryDatabase(project, airflow, `select key from variable where key = 'date'`)).toEqual([]);
  });

  test('a variable of the environment that hides a seeded one is told', async () => {
    const { stdout } = await seed([], { AIRFLOW_VAR_NUMBER: '1' });
    expect(stdout).toContain('Airflow reads AIRFLOW_VAR_NUMBER of the environment instead of the database');
  });

  test('an export seeds the same again, with secrets as references or encrypted', async () => {
    const result = await seed(['--export', 'exported.yaml']);
    expect([result.code, result.stderr]).toEqual([0, expect.any(String)]);
    const text = await readFile(path.join(project.root, 'exported.yaml'), 'utf8');
    expectNoSecret(text, 'the export');
    const other = path.join(project.root, 'other.yaml');
    await project.write({
      'other.yaml': `airflow: {version: ${airflow}}\nseed: exported.yaml\n`,
    });
    const check = await project.devenv(['seed', '--check', '--config', other, '--json'], { env });
    const differing = (JSON.parse(check.stdout) as Report).items.filter(
      ({ action }) => action !== 'unchanged',
    );
    expect([check.code, differing]).toEqual([0, []]);
    await rm(path.join(project.root, 'exported.yaml'));
  });

  test('mistakes are named with file and line, and the rest is applied', async () => {
    await project.write({
      'broken.yaml': `airflow: {version: ${airflow}}\nseed: [bad/syntax.yaml, bad/items.yaml, bad/missing.yaml]\n`,
      'bad/syntax.yaml': 'variables:\n  a: "never closed\n',
      'bad/items.yaml': BAD_ITEMS,
    });
    const options = { env: { ...env, AIRFLOW_DEVENV_AGE_IDENTITY: await generateX25519Identity() } };
    const atomic = await project.devenv(['seed', '--config', 'broken.yaml', '--atomic', '--json'], options);
    expect(atomic.code).toBe(2);
    expect(await queryDatabase(project, airflow, `select key from variable where key = 'fine'`)).toEqual([]);
    const armored = await encryptText('for-somebody-else', [await identityToRecipient(identity)]);
    await project.write({
      'bad/items.yaml': `${BAD_ITEMS}  not_ours: |\n${armored.replaceAll(/^/gm, '    ')}\n`,
    });
    const result = await project.devenv(['seed', '--config', 'broken.yaml', '--json'], options);
    const { items } = JSON.parse(result.stdout) as Report;
    const found = items.map(({ name, action, error }) =>
      error === undefined
        ? `${name} ${action}`
        : `${path.basename(error.file ?? '')}:${error.line} ${error.code}`,
    );
    expect([result.code, found.toSorted()]).toEqual([
      2,
      [
        'broken.yaml:2 seed_file_not_found',
        'fine created',
        'good created',
        'items.yaml:10 seed_command_failed',
        'items.yaml:11 seed_reference_unreadable',
        'items.yaml:12 seed_duplicate_key',
        'items.yaml:13 age_identity_wrong',
        'items.yaml:3 seed_name_invalid',
        'items.yaml:5 seed_unknown_key',
        'items.yaml:6 seed_wrong_value',
        'items.yaml:9 seed_variable_unset',
        'syntax.yaml:2 seed_syntax',
      ],
    ]);
    const text = await project.devenv(['seed', '--config', 'broken.yaml'], options);
    expect(text.stdout).toContain('items.yaml:9:10: The environment variable NOWHERE_SET is not set.');
    expect(text.stdout).toContain('say where to get it');
  });

  test('kill -9 at any moment: the rows are as before, or as after', async () => {
    const name = (run: number): string => `killed_${run}`;
    const count = async (run: number): Promise<number> => {
      const like = `${name(run)}_%`;
      const [row] = await queryDatabase(
        project,
        airflow,
        `select count(*)::int as n from variable where key like '${like}'`,
      );
      return row?.['n'] as number;
    };
    const outcomes: number[] = [];
    for (let run = 0; run < 10; run += 1) {
      const variables = Object.fromEntries(
        Array.from({ length: 400 }, (_, index) => [`${name(run)}_${index}`, { index }]),
      );
      await project.write({
        'killed.yaml': `airflow: {version: ${airflow}}\nseed: variables-killed.json\n`,
        'variables-killed.json': JSON.stringify(variables),
      });
      const started = project.start(['seed', '--config', 'killed.yaml'], { env });
      await sleep(80 + run * 60);
      started.kill('SIGKILL');
      await started.ended;
      // What it had asked for ends with it, or has been done.
      await sleep(700);
      outcomes.push(await count(run));
    }
    expect(outcomes.filter((found) => found !== 0 && found !== 400)).toEqual([]);
    const again = await project.devenv(['seed', '--config', 'killed.yaml', '--json'], { env });
    expect([again.code, await count(9)]).toEqual([0, 400]);
  });

  test('what is required and missing is named before the DAG runs', async () => {
    await project.write({
      'devenv.yaml': `airflow: {version: ${airflow}}\nrequired: {variables: [number, not_seeded], connections: [uri]}\n`,
      'asked.json': JSON.stringify({ variables: [], connections: [] }),
    });
    const run = await project.devenv(['run-dag', 'dags/read_back.py']);
    expect([run.code, run.stderr + run.stdout]).toEqual([
      1,
      expect.stringContaining("requires variable 'not_seeded'"),
    ]);
    await project.write({
      'devenv.yaml': `airflow: {version: ${airflow}}\nrequired: {variables: [number]}\n`,
    });
    expect((await project.devenv(['run-dag', 'dags/read_back.py'])).code).toBe(0);
  });

  test('no secret is in a command line, or in any file that we wrote', () => {
    expect(seen.length).toBeGreaterThan(100);
    for (const { pid, commandLine } of seen) expectNoSecret(commandLine, `process ${pid}`);
    const state = path.join(project.root, '.devenv');
    for (const name of readdirSync(state, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(state, name);
      if (!statSync(file).isFile()) continue;
      // The database itself has them encrypted, too.
      expectNoSecret(readFileSync(file, 'latin1'), name);
      if (name.startsWith('seed')) expect(statSync(file).mode & 0o077).toBe(0);
    }
    expectNoSecret(first.stdout + first.stderr, 'the output of seed');
  });

  function expectNoSecret(text: string, where: string): void {
    const secrets = [...Object.values(SECRETS), identity, encodeURIComponent(SECRETS.percent)];
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      if (at >= 0) throw new Error(`A secret is in ${where}: …${text.slice(Math.max(0, at - 80), at + 5)}…`);
    }
  }
});

const BAD_ITEMS = `connections:
  good: {conn_type: http}
  "no spaces": {conn_type: http}
  typo:
    conn_typ: http
  port: {conn_type: http, port: 70000}
variables:
  fine: yes
  unset: \${NOWHERE_SET:?say where to get it}
  failing: exec:false
  missing: file:nowhere.txt
  fine: again
`;

test.each(AIRFLOW_LINES)('a database of SQLite is seeded as well: Airflow %s', async (airflow) => {
  const body = `
from airflow.models import Connection
values = [Variable.get("greeting"), Variable.get("object", deserialize_json=True)["a"][1]]
connection = Connection.get_connection_from_secrets("warehouse")
return f"{values} {connection.password} {connection.extra_dejson}"`;
  const files = {
    'seed/seed.yaml': [
      'variables:',
      '  greeting: "007"',
      '  object: {a: [1, ü]}',
      'connections:',
      '  warehouse: postgres://me:p%40ssword@localhost:5432/db?sslmode=require',
      'pools: {narrow: 2}',
    ].join('\n'),
    'dags/show.py': oneTaskDag('show', body),
  };
  await using project = await createProject({ airflow, database: 'sqlite', files });
  const run = await project.devenv(['run-dag', 'dags/show.py']);
  // The password is masked.
  expect([run.code, run.stdout]).toEqual([
    0,
    expect.stringContaining(`returned by work: "['007', 'ü'] *** {'sslmode': 'require'}"`),
  ]);
  const again = JSON.parse((await project.devenv(['seed', '--json'])).stdout) as Report;
  expect(again.items.map(({ name, action }) => [name, action])).toEqual(
    ['greeting', 'object', 'warehouse', 'narrow'].map((name) => [name, 'unchanged']),
  );
});

test('what a cloned repository would run is not run by looking, and by seeding only when it is trusted', async () => {
  const files = {
    'seed/variables.yaml': 'plain: 1\nrun: exec:./get.sh\nread: file:/etc/hostname\n',
    'seed/get.sh': '#!/bin/sh\necho ran >> ran\necho value-of-a-program\n',
    'dags/show.py': oneTaskDag('show', 'return Variable.get("run") and "there"'),
  };
  await using project = await createProject({ airflow: '3.3.2', database: 'sqlite', files });
  const ran = path.join(project.root, 'seed/ran');
  chmodSync(path.join(project.root, 'seed/get.sh'), 0o755);
  const run = (...args: string[]): Promise<Result> =>
    project.devenv(args, { env: { AIRFLOW_DEVENV_TRUST: '' } });
  const looked = JSON.parse((await run('seed', '--dry-run', '--json')).stdout) as Report;
  expect(
    looked.items
      .map(({ name, action, error }) => `${name} ${error?.code ?? action}`)
      .toSorted(alphabetically),
  ).toEqual(['plain created', 'read not_trusted', 'run not_trusted']);
  const refused = await run('seed');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('run   exec:./get.sh')]);
  expect([(await run('seed', '--export', 'out.yaml')).code, existsSync(ran)]).toEqual([1, false]);
  expect((await run('trust', '--status')).code).toBe(1);
  // Its DAGs could do the same: running one is a yes.
  expect((await run('run-dag', 'dags/show.py')).stdout).toContain("returned by work: 'there'");
  expect([existsSync(ran), (await run('trust', '--status')).code]).toEqual([true, 0]);
  expect((await run('seed', '--check')).code).toBe(0);
  await project.write({ 'seed/get.sh': '#!/bin/sh\necho another\n' });
  const changed = await run('seed');
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining('run  exec:./get.sh')]);
  expect(changed.stderr).not.toContain('/etc/hostname');
  expect((await run('trust', '--yes')).code).toBe(0);
  expect((await run('seed', '--json')).code).toBe(0);
  expect((await run('trust', '--revoke')).code).toBe(0);
  expect((await run('seed', '--diff')).code).toBe(1);
});

function alphabetically(left: string, right: string): number {
  return left < right ? -1 : 1;
}

function expectVariables({ text, json }: Found): void {
  expect(text).toMatchObject({
    'pem': PEM,
    'pem_inline': PEM,
    'empty_string': '',
    'agent': '007',
    'truth_text': 'true',
    'yes': 'yes',
    'date': '2026-01-31',
    'größe_日本': 'ünïcødé 🚀',
    'dotted.and spaced': '  spaces kept  ',
    'template': '{{ ds }} $HOME ${NAME} {a}',
    'multi': 'line one\nline two\n',
    'from_env': SECRETS.fromEnvironment,
    'with_default': 'a-b-c',
    'from_command': SECRETS.fromCommand,
    'quoted_json': '{"a": 1}',
    'literal': 'file:key.pem',
    'large_number': '12345678901234567890',
    'float': '1.0',
    'nothing': 'null',
  });
  expect(text['large'] === LARGE).toBe(true);
  expect(json).toMatchObject({
    with_value_key: ['dict', { value: 7, unit: 'ms' }],
    list: ['list', [1, 'two', null, [3]]],
    single_item_list: ['list', ['only']],
    empty_object: ['dict', {}],
    number: ['int', 42],
    float: ['float', 1],
    truth: ['bool', true],
    nothing: ['NoneType', null],
    described: ['list', [1]],
    quoted_json: ['dict', { a: 1 }],
    nested: ['dict', { keep: { Case: [{ camelCase: SECRETS.nested }] } }],
  });
}

function expectConnections({ connections }: Found): void {
  expect(connections).toEqual({
    uri: {
      conn_type: 'postgres',
      host: 'db.example.org',
      login: 'user@corp',
      password: SECRETS.percent,
      schema: 'data/base',
      port: 5433,
      extra: { sslmode: 'require' },
    },
    camel: {
      conn_type: 'http',
      host: 'https://example.org/a?b=c',
      login: '',
      password: SECRETS.fromFile,
      schema: null,
      port: 8443,
      extra: { camelCase: { innerKey: [1, { DeepKey: null }] }, UPPER: '01', flag: true },
    },
    by_age: {
      conn_type: 'aws',
      host: null,
      login: 'AKIA',
      password: SECRETS.fromAge,
      schema: null,
      port: null,
      extra: { region_name: 'eu-west-1' },
    },
  });
}
