import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { encryptText } from '../../src/seed/secrets/age.ts';
import { Resolver } from '../../src/seed/resolver.ts';

const TOOLS = ['op', 'vault', 'pass', 'gcloud', 'aws', 'sops'];
let folder = '';
let identity = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'devenv-seed-'));
  identity = await generateX25519Identity();
  for (const tool of TOOLS) {
    await writeFile(
      path.join(folder, tool),
      `#!/bin/sh\nprintf '%s\\n' "$(basename "$0") $*" >> "${folder}/calls"\nprintf '%s' "\${ANSWER-secret of ${tool}}"\n`,
    );
    await chmod(path.join(folder, tool), 0o755);
  }
  await writeFile(path.join(folder, 'one.txt'), 'one line\n');
  await writeFile(path.join(folder, 'two.txt'), 'two\nlines\n');
  await writeFile(path.join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
});

function resolver(env: Record<string, string> = {}): { resolver: Resolver; secrets: string[] } {
  const secrets: string[] = [];
  return {
    secrets,
    resolver: new Resolver({
      project: { root: folder, env: {} },
      trust: async () => ({ allows: () => true }),
      env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, ...env },
      signal: new AbortController().signal,
      identities: async () => ({ keys: [identity], origin: 'the test' }),
      onSecret: (text) => secrets.push(text),
    }),
  };
}

function place() {
  return { file: path.join(folder, 'seed.yaml'), line: 3, column: 7 };
}

test.each([
  ['plain {{ ds }} $HOME', 'plain {{ ds }} $HOME', []],
  ['a-${NAME}-${MISSING:-b}', 'a-x-b', []],
  ['${EMPTY}', '', []],
  ['${EMPTY:-filled}', 'filled', []],
  ['postgres://u:${DB_PASSWORD}@h', 'postgres://u:hidden-one@h', ['hidden-one', 'postgres://u:hidden-one@h']],
  ['$${NAME}', '${NAME}', []],
  ['literal:exec:false', 'exec:false', []],
  ['file:one.txt', 'one line', ['one line']],
  ['file:two.txt', 'two\nlines\n', ['two\nlines\n']],
  ['file:~/one.txt', 'one line', ['one line']],
  ['exec:printf "%s|" a "b c" $NAME', 'a|b c|$NAME|', ['a|b c|$NAME|']],
])('%s gives %j', async (text, wanted, hidden) => {
  const { resolver: tested, secrets } = resolver({ NAME: 'x', EMPTY: '', DB_PASSWORD: 'hidden-one' });
  expect((await tested.resolve(text, place())).text).toBe(wanted);
  expect(secrets).toEqual(hidden);
});

test.each([
  ['op://vault/item/field', 'op read --no-newline op://vault/item/field'],
  ['vault:secret/app#key', 'vault kv get -field=key secret/app'],
  ['pass:team/api', 'pass show team/api'],
  ['gcloud:name', 'gcloud secrets versions access latest --secret=name'],
  ['gcloud:name@3', 'gcloud secrets versions access 3 --secret=name'],
  [
    'gcloud:projects/p/secrets/s/versions/1',
    'gcloud secrets versions access projects/p/secrets/s/versions/1',
  ],
  ['aws:name', 'aws secretsmanager get-secret-value --secret-id name --query SecretString --output text'],
  ['sops:f.yaml#a.0.b', 'sops --decrypt --extract ["a"][0]["b"] f.yaml'],
])('%s asks once: %s', async (text, call) => {
  await writeFile(path.join(folder, 'calls'), '');
  const { resolver: tested, secrets } = resolver();
  const found = await Promise.all([tested.resolve(text, place()), tested.resolve(text, place())]);
  const tool = call.split(' ')[0];
  expect(found.map((each) => each.text)).toEqual([`secret of ${tool}`, `secret of ${tool}`]);
  expect(new Set(secrets)).toEqual(new Set([`secret of ${tool}`]));
  expect(await readFile(path.join(folder, 'calls'), 'utf8')).toBe(`${call}\n`);
});

test('a key of a secret that is JSON', async () => {
  const { resolver: tested } = resolver({ ANSWER: '{"user": "u", "n": 7}' });
  expect((await tested.resolve('aws:name#user', place())).text).toBe('u');
  await expect(tested.resolve('aws:name#nothing', place())).rejects.toMatchObject({
    code: 'seed_wrong_value',
  });
});

test('an age block is decrypted, once', async () => {
  const { resolver: tested, secrets } = resolver();
  const block = await encryptText('${NOT_A_NAME} é\n', [await identityToRecipient(identity)]);
  expect((await tested.resolve(block, place())).text).toBe('${NOT_A_NAME} é\n');
  expect(secrets).toEqual(['${NOT_A_NAME} é\n']);
});

test.each([
  ['${MISSING}', 'seed_variable_unset', true],
  ['${MISSING:?get it from Ann}', 'seed_variable_unset', true],
  ['file:nowhere.txt', 'seed_reference_unreadable', true],
  ['file:binary', 'seed_reference_unreadable', true],
  ['exec:no-such-program-anywhere', 'seed_command_failed', false],
  ['exec:sh -c "echo hunter2; echo sorry >&2; exit 3"', 'seed_command_failed', false],
  ['exec:"open', 'seed_wrong_value', true],
  ['vault:without-field', 'seed_wrong_value', true],
])('%s fails with its place: %s', async (text, code, misuse) => {
  const failed: unknown = await resolver()
    .resolver.resolve(text, place())
    .catch((error: unknown) => error);
  expect(failed).toMatchObject({ code, misuse, location: place() });
  expect((failed as Error).message).not.toContain('hunter2');
});

test('what a failing program said for people is told, what it printed is not', async () => {
  const failed = await resolver()
    .resolver.resolve('exec:sh -c "echo hunter2; echo sorry >&2; exit 3"', place())
    .catch((error: unknown) => error as { why: string });
  expect(failed).toMatchObject({ why: 'It ended with exit code 3. sorry' });
});

test('a value for somebody else, a damaged one', async () => {
  const other = await identityToRecipient(await generateX25519Identity());
  const block = await encryptText('x', [other]);
  const damaged = (await encryptText('x', [await identityToRecipient(identity)])).replace(
    /\n[^\n-]+\n-----END/,
    '\nAAAA\n-----END',
  );
  const { resolver: tested } = resolver();
  await expect(tested.resolve(block, place())).rejects.toMatchObject({ code: 'age_identity_wrong' });
  await expect(tested.resolve(damaged, place())).rejects.toMatchObject({ code: 'age_value_damaged' });
});
