import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Project } from '../../src/config/project.ts';
import { desiredItems } from '../../src/seed/desiredItem.ts';
import { mergeItems } from '../../src/seed/mergeItems.ts';
import { nodeJson } from '../../src/seed/nodeJson.ts';
import type { RawItem } from '../../src/seed/seedItem.ts';
import { projectResolver } from '../../src/seed/resolver.ts';
import { passedOver, seedFiles } from '../../src/seed/seedFiles.ts';
import { resolveItems } from '../../src/seed/resolveItems.ts';
import { parseSource, readSources } from '../../src/seed/seedSources.ts';

function items(file: string, text: string): string[] {
  const read = parseSource(file, text);
  expect(read.errors).toEqual([]);
  return read.items.map(shown);
}

function shown({ kind, name, fields }: RawItem): string {
  const values = [...fields].map(([key, node]) => `${key}=${nodeJson(node)}`).join(' ');
  return `${kind} ${name} ${values}`.trimEnd();
}

function mistakes(file: string, text: string): string[] {
  const { items: found, errors } = parseSource(file, text);
  const { problems } = desiredItems(found);
  return [...errors, ...problems.map(({ error }) => error)].map(
    ({ code, location }) => `${location?.line}:${location?.column} ${code}`,
  );
}

test('sections, each name a key', () => {
  const text = `
variables: {a: x, b: {value: 1}, c: {value: [1], description: d}, d: null}
connections: {u: "http://h", f: {type: http, username: me}}
pools: {p: 3, q: {slots: 1}}
recipients: [age1x]
`;
  expect(items('seed.yaml', text)).toEqual([
    'variable a value="x"',
    'variable b value={"value":1}',
    'variable c value=[1] description="d"',
    'variable d value=null',
    'connection u uri="http://h"',
    'connection f conn_type="http" login="me"',
    'pool p slots=3',
    'pool q slots=1',
  ]);
});

test('a file of secrets that has none yet, as secrets init makes it', () => {
  expect(items('secrets.age.yaml', 'recipients: [age1x]\n')).toEqual([]);
  expect(mistakes('secrets.age.yaml', 'recipients: [age1x]\nvarriables: {a: x}\n')).toEqual([
    '2:1 seed_unknown_key',
  ]);
});

test('sections as lists', () => {
  const text =
    'variables:\n  - {name: a, value: {value: 1, description: 2}}\nconnections: [{conn_id: c, uri: "h://x"}]';
  expect(items('seed.yaml', text)).toEqual([
    'variable a value={"value":1,"description":2}',
    'connection c uri="h://x"',
  ]);
});

test.each([
  ['my-variables.json', '{"a": [1]}', ['variable a value=[1]']],
  ['vars.yaml', 'a: 1', ['variable a value=1']],
  ['connections.yaml', 'c: {conn_type: http}', ['connection c conn_type="http"']],
  ['pools.json', '{"p": {"slots": 1, "description": ""}}', ['pool p slots=1 description=""']],
  ['variables.env', 'A=1', ['variable A value="1"']],
  [
    '.env',
    'AIRFLOW_VAR_A_B=x\nAIRFLOW_CONN_C=http://h\nAWS_KEY=z',
    ['variable a_b value="x"', 'connection c uri="http://h"'],
  ],
  [
    '.env',
    `AIRFLOW_CONN_C='{"conn_type": "http", "extra": {"K": 1}}'`,
    ['connection c conn_type="http" extra={"K":1}'],
  ],
  ['seed.yaml', '', []],
  ['seed.yaml', 'variables:\n', []],
])('%s without sections: %s', (file, text, found) => {
  expect(items(file, text)).toEqual(found);
});

test("Astro's settings, with the empty entries of its template", () => {
  const text = `
airflow:
  connections:
    - {conn_id: , conn_type: , conn_extra: {example_extra_field: example-value}}
    - {conn_id: c, conn_type: postgres, conn_port: 5432, conn_password: p, conn_schema: }
  pools: [{pool_name: , pool_slot: }, {pool_name: p, pool_slot: 5, pool_description: d}]
  variables: [{variable_name: , variable_value: }, {variable_name: v, variable_value: x}]
`;
  expect(items('airflow_settings.yaml', text)).toEqual([
    'connection c conn_type="postgres" port=5432 password="p"',
    'pool p slots=5 description="d"',
    'variable v value="x"',
  ]);
});

test.each([
  ['variables: {a: 1}\nconections: {}', ['2:1 seed_unknown_key']],
  ['hello: 1', ['1:1 seed_unknown_key']],
  ['- a', ['1:1 seed_wrong_value']],
  ['variables: 7', ['1:1 seed_wrong_value']],
  ['connections:\n  c: {conn_typ: http}', ['2:7 seed_unknown_key']],
  ['connections:\n  c: {host: h}', ['2:3 seed_missing_key']],
  ['connections:\n  c: 7', ['2:6 seed_wrong_value']],
  ['connections:\n  c: no-uri', ['2:6 seed_wrong_value']],
  ['connections:\n  "a b": {conn_type: http}', ['2:3 seed_name_invalid']],
  ['connections:\n  c: {conn_type: http, port: "x"}', ['2:30 seed_wrong_value']],
  ['connections:\n  c: {conn_type: http, extra: [1]}', ['2:31 seed_wrong_value']],
  ['connections:\n  c: {conn_type: http, host: [1]}', ['2:30 seed_wrong_value']],
  ['pools:\n  p: 1.5', ['2:6 seed_wrong_value']],
  ['pools:\n  p: {description: d}', ['2:3 seed_missing_key']],
  ['pools:\n  p: {slots: 1, include_deferred: maybe}', ['2:35 seed_wrong_value']],
  [`variables:\n  ${'x'.repeat(251)}: 1`, ['2:3 seed_name_invalid']],
  ['variables:\n  a: "\\0"', ['2:6 seed_wrong_value']],
  ['variables: [{value: 1}]', ['1:13 seed_missing_key']],
])('%j is a mistake with its place', (text, found) => {
  expect(mistakes('seed.yaml', text)).toEqual(found);
});

test('later files win: variables as a whole, connections by field, extra by key', () => {
  const first = parseSource(
    'a.yaml',
    'variables: {v: {a: 1}, w: 1}\nconnections: {c: {conn_type: http, host: h, extra: {A: 1, B: 2}}}',
  );
  const second = parseSource(
    'b.yaml',
    'variables: {v: {b: 2}}\nconnections: {c: {password: p, extra: {B: 3}}}',
  );
  expect(mergeItems([...first.items, ...second.items]).map(shown)).toEqual([
    'variable v value={"b":2}',
    'variable w value=1',
    'connection c conn_type="http" host="h" extra={"A":1,"B":3} password="p"',
  ]);
});

test('a uri of a later file replaces all fields of an earlier one', () => {
  const first = parseSource('a.yaml', 'connections: {c: {conn_type: http, host: h}}');
  const second = parseSource('b.yaml', 'connections: {c: "postgres://x"}');
  expect(mergeItems([...first.items, ...second.items]).map(shown)).toEqual([
    'connection c uri="postgres://x"',
  ]);
});

test('what is secret is known by its name, too', () => {
  const { items: found } = parseSource('a.yaml', 'variables: {api_token: x, plain: y}');
  const { desired } = desiredItems(found);
  expect(desired.map((each) => each.kind === 'variable' && each.isSecret)).toEqual([true, false]);
});

test('a file that sops encrypts as a whole is decrypted, and all its texts are secret', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-sops-'));
  await writeFile(
    path.join(folder, 'sops'),
    `#!/bin/sh\n[ "$1 $2" = "--decrypt ${folder}/seed.yaml" ] && echo 'variables: {a: hidden-text, b: [1]}'\n`,
  );
  await chmod(path.join(folder, 'sops'), 0o755);
  const text = 'variables:\n    a: ENC[AES256_GCM,data:x]\nsops:\n    mac: ENC[AES256_GCM,data:y]\n';
  await writeFile(path.join(folder, 'seed.yaml'), text);
  const secrets: string[] = [];
  const context = {
    env: { PATH: `${folder}:/usr/bin:/bin`, AIRFLOW_DEVENV_TRUST: 'all' },
    platform: process.platform,
    signal: new AbortController().signal,
  };
  const resolver = projectResolver(context, { airflow: { env: {} }, root: folder } as Project, (each) =>
    secrets.push(each),
  );
  const seed = [{ path: path.join(folder, 'seed.yaml'), namedAt: undefined }];
  const { items: found, problems } = await readSources(
    { seed, root: folder } as unknown as Project,
    resolver,
  );
  expect(problems).toEqual([]);
  const { items: resolved } = await resolveItems(resolver, found);
  expect(desiredItems(resolved).desired).toMatchObject([
    { name: 'a', value: { text: 'hidden-text' }, isSecret: true },
    { name: 'b', value: { json: '[1]' }, isSecret: false },
  ]);
  expect(secrets).toEqual(['hidden-text']);
});

test('names of properties that every object has are names like others', () => {
  const { items, errors } = parseSource(
    'variables.yaml',
    '{__proto__: 1, constructor: 2, toString: 3, hasOwnProperty: 4}',
  );
  expect(errors).toEqual([]);
  expect(items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'variable __proto__',
    'variable constructor',
    'variable toString',
    'variable hasOwnProperty',
  ]);
  const unknown = parseSource('seed.yaml', 'connections: {c: {conn_type: http, constructor: x}}');
  expect(unknown.errors).toMatchObject([{ code: 'seed_unknown_key' }]);
});

test.each([
  ['.env', 'AIRFLOW_VAR_A=1\nAIRFLOW_VAR_a=2\n'],
  ['seed.yaml', 'variables: [{name: a, value: 1},\n {key: a, value: 2}]'],
])('%s: one item that is spelled in two ways is there twice', (file, text) => {
  const { items, errors } = parseSource(file, text);
  expect(items).toHaveLength(1);
  expect(errors).toMatchObject([{ code: 'seed_duplicate_key', location: { line: 2 } }]);
  expect(errors[0]?.why).toContain('line 1');
});

test('an .env file with names of Airflow has other names for other programs', () => {
  const { items, errors } = parseSource('connections.env', 'AIRFLOW_CONN_A=http://h\nFOO=1\n');
  expect([items.map(({ name }) => name), errors]).toEqual([['a'], []]);
});

test('a file in seed/ whose name is not taken is named, unless a seed refers to it', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'devenv-names-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(path.join(root, 'seed'));
  const files = { 'v.yaml': 'a: 1', 'limits.json': '{}', 'key.pem': 'x', 'variables.env': 'B=2' };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, 'seed', name), text);
  await writeFile(path.join(root, 'seed', 'seed.yaml'), 'variables: {l: !json file:limits.json}');
  expect((await seedFiles({ root, seed: undefined })).map((each) => path.basename(each.path))).toEqual([
    'seed.yaml',
    'variables.env',
  ]);
  const texts = ['variables: {l: !json file:limits.json}'];
  expect(await passedOver({ root, seed: undefined }, texts)).toEqual(['seed/v.yaml']);
});
