import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import {
  abandonedFolders,
  settleAbandonedEdits,
  writePlainTextFile,
  type PlainTextFile,
} from '../../../src/seed/secrets/plainTextFile.ts';
import { forgetKeptEdit, readKeptEdit } from '../../../src/seed/secrets/unfinishedEdit.ts';

const SECRET = 'hunter2-in-the-clear';

let folder = '';
let runtime = '';
let env: Record<string, string> = {};
let identity = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'devenv-edit-'));
  env = { AIRFLOW_DEVENV_RUNTIME: path.join(folder, 'r') };
  runtime = path.join(folder, 'r', '0123456789');
  await mkdir(runtime, { recursive: true });
  identity = await generateX25519Identity();
});

async function opened(): Promise<PlainTextFile> {
  const edit = { file: path.join(folder, 's.age.yaml'), base: 'recipients: []\n', text: `a: ${SECRET}\n` };
  const recipients = [await identityToRecipient(identity)];
  const stateDirectory = path.join(folder, '.devenv');
  return writePlainTextFile(runtime, edit, { stateDirectory, recipients, isTyped: false });
}

/** As if its process had been killed. */
async function kill({ path: file }: PlainTextFile): Promise<void> {
  const owner = path.join(path.dirname(file), 'owner.json');
  const found = JSON.parse(await readFile(owner, 'utf8')) as object;
  await writeFile(owner, JSON.stringify({ ...found, startTime: 'another' }));
}

test('a file in the clear is its owner’s, and gone with what an editor left beside it', async () => {
  const file = await opened();
  const modes = [file.path, path.dirname(file.path)].map(async (each) => (await stat(each)).mode & 0o777);
  expect(await Promise.all(modes)).toEqual([0o600, 0o700]);
  const outside = path.join(folder, 'outside');
  await writeFile(outside, 'not ours');
  await symlink(outside, `${file.path}.link`);
  await writeFile(`${file.path}.swp`, SECRET);
  file.wipe();
  file.wipe();
  expect([file.read(), await readdir(runtime), await readFile(outside, 'utf8')]).toEqual([
    undefined,
    [],
    'not ours',
  ]);
});

test('an edit that goes on is left alone', async () => {
  const file = await opened();
  expect([await abandonedFolders({ env }), await settleAbandonedEdits({ env })]).toEqual([[], []]);
  expect(file.read()).toContain(SECRET);
});

test('what a killed edit has left in the clear is found and removed', async () => {
  const file = await opened();
  await kill(file);
  expect(await abandonedFolders({ env })).toEqual([path.dirname(file.path)]);
  expect(await settleAbandonedEdits({ env })).toEqual([expect.stringContaining('removed')]);
  expect([await readdir(runtime), existsSync(path.join(folder, '.devenv'))]).toEqual([[], false]);
});

test('what had been typed in a killed edit is kept, encrypted, until it is forgotten', async () => {
  const file = await opened();
  await writeFile(file.path, 'a: typed-long-secret\n');
  await kill(file);
  expect(await settleAbandonedEdits({ env })).toEqual([expect.stringContaining('kept, encrypted')]);
  expect(await readdir(runtime)).toEqual([]);
  const state = path.join(folder, '.devenv');
  const identities = { keys: [identity], origin: 'test' };
  const found = await readKeptEdit(state, path.join(folder, 's.age.yaml'), identities);
  expect(found).toMatchObject({ text: 'a: typed-long-secret\n', base: 'recipients: []\n' });
  expect(await readFile(found!.kept, 'utf8')).not.toContain('typed-long');
  expect((await stat(found!.kept)).mode & 0o777).toBe(0o600);
  expect(await readFile(path.join(state, '.gitignore'), 'utf8')).toBe('*\n');
  expect(await readKeptEdit(state, 'another.age.yaml', identities)).toBeUndefined();
  await forgetKeptEdit(found!.kept);
  expect(await readKeptEdit(state, path.join(folder, 's.age.yaml'), identities)).toBeUndefined();
});
