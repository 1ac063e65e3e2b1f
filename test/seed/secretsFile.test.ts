import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { writePrivateFile } from '../../src/platform/privateFile.ts';
import { makeIdentity, readIdentities, recipientsOf } from '../../src/seed/secrets/ageIdentity.ts';
import { applyEdit, plainText } from '../../src/seed/secrets/editSecrets.ts';
import { importedValues } from '../../src/seed/secrets/importSecrets.ts';
import { parseSecretPath } from '../../src/seed/secrets/secretPath.ts';
import { SecretsDocument } from '../../src/seed/secrets/secretsDocument.ts';
import { decryptLeaf, rekeySecrets, setSecret } from '../../src/seed/secrets/secretsFile.ts';

let identity = '';
let recipient = '';
let env: Record<string, string> = {};
beforeAll(async () => {
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  env = { AIRFLOW_DEVENV_AGE_IDENTITY: identity };
});

async function filled(): Promise<SecretsDocument> {
  const document = SecretsDocument.create('s.yaml', [recipient]);
  await setSecret(document, ['variables', 'token'], { text: 'first', isJson: false });
  await setSecret(document, ['variables', 'limits'], { text: '{"a": 1.0}', isJson: true });
  await setSecret(document, ['connections', 'db', 'password'], { text: 'two\nlines\n', isJson: false });
  await setSecret(document, ['connections', 'db', 'extra', 'apiKey'], { text: '7', isJson: true });
  document.set(['connections', 'db', 'host'], { text: 'h', isJson: false, isEncrypted: false });
  return new SecretsDocument('s.yaml', document.toString());
}

async function values(document: SecretsDocument): Promise<Record<string, string>> {
  const all = await Promise.all(document.leaves().map((leaf) => decryptLeaf(env, leaf)));
  return Object.fromEntries(all.map(({ path: names, text }) => [names.join('.'), text]));
}

test('what is set is read again, and stands in the file encrypted', async () => {
  const document = await filled();
  expect(await values(document)).toEqual({
    'variables.token': 'first',
    'variables.limits': '{"a": 1.0}',
    'connections.db.password': 'two\nlines\n',
    'connections.db.extra.apiKey': '7',
    'connections.db.host': 'h',
  });
  expect(document.toString()).not.toContain('first');
  expect(document.toString()).toContain('limits: !json |');
});

test('an edit changes only what was changed, letter by letter', async () => {
  const document = await filled();
  const before = await Promise.all(document.leaves().map((leaf) => decryptLeaf(env, leaf)));
  const old = new Map(document.leaves().map((leaf) => [leaf.path.join('.'), leaf.text]));
  const text = plainText(before)
    .replace('token: first', 'token: second')
    .replace(/ +host: h\n/, '')
    .replace('variables:', 'variables:\n  added: [1, "x"]');
  const result = await applyEdit(document, before, 'edit.yaml', text);
  expect(result).toEqual({
    changed: [
      ['variables', 'added'],
      ['variables', 'token'],
    ],
    removed: [['connections', 'db', 'host']],
  });
  const now = new Map(document.leaves().map((leaf) => [leaf.path.join('.'), leaf.text]));
  const same = [...old].filter(([name, block]) => now.get(name) === block).map(([name]) => name);
  expect(same).toEqual(['variables.limits', 'connections.db.password', 'connections.db.extra.apiKey']);
  expect(await values(document)).toMatchObject({ 'variables.token': 'second', 'variables.added': '[1,"x"]' });
});

test('an edit that is not YAML changes nothing', async () => {
  const document = await filled();
  const before = await Promise.all(document.leaves().map((leaf) => decryptLeaf(env, leaf)));
  const text = document.toString();
  await expect(applyEdit(document, before, 'edit.yaml', 'variables: {a: "')).rejects.toMatchObject({
    code: 'seed_syntax',
  });
  expect(document.toString()).toBe(text);
});

test('rekey lets others read, and no longer those who are removed', async () => {
  const document = await filled();
  const other = await generateX25519Identity();
  const count = await rekeySecrets(env, document, [await identityToRecipient(other)]);
  expect(count).toBe(4);
  const [leaf] = document.leaves();
  await expect(decryptLeaf(env, leaf!)).rejects.toMatchObject({ code: 'age_identity_wrong' });
  expect((await decryptLeaf({ AIRFLOW_DEVENV_AGE_IDENTITY: other }, leaf!)).text).toBe('first');
});

test('comments and what is not ours stay', async () => {
  const document = new SecretsDocument(
    's.yaml',
    `# mine\nrecipients: [${recipient}] # us\nvariables:\n  # about a\n  a: plain\n`,
  );
  await setSecret(document, ['variables', 'b'], { text: 'x', isJson: false });
  expect(document.toString()).toMatch(/^# mine\n/);
  expect(document.toString()).toContain('# about a\n  a: plain');
});

test.each([
  ['token', ['variables', 'token']],
  ['variables.a.b', ['variables', 'a.b']],
  ['connections.my.db.password', ['connections', 'my.db', 'password']],
  ['connections.db.extra.a.b', ['connections', 'db', 'extra', 'a.b']],
])('%s is a name', (name, names) => {
  expect(parseSecretPath(name)).toEqual(names);
});

test.each(['', 'variables.', 'connections.db', 'connections.db.colour', 'connections.password'])(
  '%j is no name',
  (name) => {
    expect(() => parseSecretPath(name)).toThrow(/names no secret/);
  },
);

test('import takes values apart and leaves references', () => {
  const text =
    'variables: {a: x, b: [1], c: "${NAME}", d: "literal:file:x", e: "$${N}"}\nconnections: {c: {conn_type: http, extra: {K: {n: 1}}}}';
  expect(
    importedValues('plain.yaml', text).map((each) => `${each.path.join('.')} ${each.text} ${each.isJson}`),
  ).toEqual([
    'variables.a x false',
    'variables.b [1] true',
    'variables.c ${NAME} false',
    'variables.d file:x false',
    'variables.e ${N} false',
    'connections.c.conn_type http false',
    'connections.c.extra.K {"n":1} true',
  ]);
});

test('an identity is made once, for its owner only, and found', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'devenv-home-'));
  const made = await makeIdentity({ HOME: home });
  expect(made).toBe(path.join(home, '.config/airflow-devenv/identity.txt'));
  expect((await stat(made!)).mode & 0o777).toBe(0o600);
  expect(await makeIdentity({ HOME: home })).toBeUndefined();
  const identities = await readIdentities({ HOME: home });
  expect(await readFile(made!, 'utf8')).toContain((await recipientsOf(identities))[0]);
});

test.each([
  ['missing', undefined, 0o600, 'age_identity_missing'],
  ['open to others', 'AGE-SECRET-KEY-1ABC', 0o644, 'age_identity_unsafe'],
  ['something else', 'ssh-ed25519 AAAA', 0o600, 'age_identity_damaged'],
])('an identity that is %s', async (_how, text, mode, code) => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'devenv-identity-')), 'identity.txt');
  if (text !== undefined) await writeFile(file, text, { mode });
  await expect(readIdentities({ AIRFLOW_DEVENV_AGE_IDENTITY_FILE: file })).rejects.toMatchObject({ code });
});

test('a private file is its owner’s, and gone with what an editor left beside it', async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'devenv-private-'));
  const file = await writePrivateFile(parent, 'secrets.yaml', 'hunter2');
  expect([(await stat(file.path)).mode & 0o777, (await stat(path.dirname(file.path))).mode & 0o777]).toEqual([
    0o600, 0o700,
  ]);
  await writeFile(`${file.path}.swp`, 'hunter2');
  file.wipe();
  file.wipe();
  expect([existsSync(file.path), await readdir(parent)]).toEqual([false, []]);
});
