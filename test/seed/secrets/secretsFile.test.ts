import { lstat, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { makeIdentity, readIdentities, recipientsOf } from '../../../src/seed/secrets/ageIdentity.ts';
import {
  applyChanges,
  conflictingChanges,
  editChanges,
  plainText,
  storedTexts,
} from '../../../src/seed/secrets/editSecrets.ts';
import { importedValues } from '../../../src/seed/secrets/importSecrets.ts';
import { parseSecretPath } from '../../../src/seed/secrets/secretPath.ts';
import { SecretsDocument } from '../../../src/seed/secrets/secretsDocument.ts';
import {
  changeSecrets,
  decryptLeaf,
  openSecrets,
  rekeySecrets,
  setSecret,
} from '../../../src/seed/secrets/secretsFile.ts';

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
  const changes = editChanges(before, 'edit.yaml', text);
  expect(changes.map(({ path: names, value }) => [names.join('.'), value?.text])).toEqual([
    ['variables.added', '[1,"x"]'],
    ['variables.token', 'second'],
    ['connections.db.host', undefined],
  ]);
  await applyChanges(document, changes);
  const now = new Map(document.leaves().map((leaf) => [leaf.path.join('.'), leaf.text]));
  const same = [...old].filter(([name, block]) => now.get(name) === block).map(([name]) => name);
  expect(same).toEqual(['variables.limits', 'connections.db.password', 'connections.db.extra.apiKey']);
  expect(await values(document)).toMatchObject({ 'variables.token': 'second', 'variables.added': '[1,"x"]' });
});

test.each([
  ['not YAML', 'variables: {a: "', 'seed_syntax'],
  ['no mapping', '- a', 'seed_wrong_value'],
  ['under another name, so that it would all be removed', 'variable: {token: x}', 'seed_unknown_key'],
])('an edit that is %s is refused', async (_how, text, code) => {
  const document = await filled();
  const before = await Promise.all(document.leaves().map((leaf) => decryptLeaf(env, leaf)));
  expect(() => editChanges(before, 'edit.yaml', text)).toThrow(
    expect.objectContaining({ code, misuse: true }),
  );
});

test('what another command has changed in between is a conflict, what it has added is not', async () => {
  const base = await filled();
  const before = await Promise.all(base.leaves().map((leaf) => decryptLeaf(env, leaf)));
  const began = storedTexts(base.leaves());
  const now = new SecretsDocument('s.yaml', base.toString());
  await setSecret(now, ['variables', 'token'], { text: 'theirs', isJson: false });
  await setSecret(now, ['variables', 'added'], { text: 'theirs', isJson: false });
  const conflicts = (text: string): string[] =>
    conflictingChanges(editChanges(before, 'e.yaml', text), began, storedTexts(now.leaves())).map((each) =>
      each.path.join('.'),
    );
  const text = plainText(before);
  expect(conflicts(text.replace('host: h', 'host: mine'))).toEqual([]);
  expect(conflicts(text.replace('token: first', 'token: mine'))).toEqual(['variables.token']);
  expect(conflicts(text.replace('variables:', 'variables:\n  added: mine'))).toEqual(['variables.added']);
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
  ['cut', 'AGE-SECRET-KEY-1BAD', 0o600, 'age_identity_damaged'],
])('an identity that is %s', async (_how, text, mode, code) => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'devenv-identity-')), 'identity.txt');
  if (text !== undefined) await writeFile(file, text, { mode });
  await expect(readIdentities({ AIRFLOW_DEVENV_AGE_IDENTITY_FILE: file })).rejects.toMatchObject({ code });
});

test('a recipient with a letter too few is refused, and nothing is encrypted', async () => {
  const document = await filled();
  const text = document.toString();
  for (const wrong of ['age1notvalid', recipient.slice(0, -1), identity]) {
    const refused = rekeySecrets(env, document, [recipient, wrong]);
    await expect(refused).rejects.toMatchObject({ code: 'age_recipient_invalid', misuse: true });
    await expect(refused).rejects.not.toThrow(identity);
  }
  expect(document.toString()).toBe(text);
});

test('twelve changes at the same time are all in the file', async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'devenv-secrets-')), 'secrets.age.yaml');
  const link = `${file}.link`;
  await writeFile(file, SecretsDocument.create(file, [recipient]).toString(), { mode: 0o640 });
  await symlink(file, link);
  const options = { signal: new AbortController().signal, note: () => {} };
  const names = Array.from({ length: 12 }, (_, index) => `c${index}`);
  await Promise.all(
    names.map((name, index) =>
      changeSecrets(index % 2 === 0 ? file : link, options, (document) =>
        setSecret(document, ['variables', name], { text: name, isJson: false }),
      ),
    ),
  );
  const found = (await openSecrets(file)).leaves().map((leaf) => leaf.path[1]);
  expect(new Set(found)).toEqual(new Set(names));
  expect([(await lstat(link)).isSymbolicLink(), (await stat(file)).mode & 0o777]).toEqual([true, 0o640]);
  expect(await readdir(path.dirname(file))).toEqual(['secrets.age.yaml', 'secrets.age.yaml.link']);
});

test('a change that fails leaves the file as it was', async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'devenv-secrets-')), 'secrets.age.yaml');
  await writeFile(file, (await filled()).toString());
  const before = await readFile(file, 'utf8');
  const options = { signal: new AbortController().signal, note: () => {} };
  const failing = changeSecrets(file, options, async (document) => {
    document.delete(['variables', 'token']);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('of two that make an identity at once one wins, and both use it', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'devenv-home-'));
  const made = await Promise.all([1, 2, 3, 4].map(() => makeIdentity({ HOME: home })));
  expect(made.filter((each) => each !== undefined)).toHaveLength(1);
  expect((await readIdentities({ HOME: home })).keys).toHaveLength(1);
});
