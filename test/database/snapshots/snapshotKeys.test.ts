import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decryptFernet, encryptFernet } from '../../../src/airflow/fernet.ts';
import { hiddenTextsFile } from '../../../src/airflow/hiddenTexts.ts';
import { copyKeys, keepHiddenTexts } from '../../../src/database/snapshots/snapshotKeys.ts';

const [PRESENT, OF_SNAPSHOT] = [randomBytes(32), randomBytes(32)].map((each) => each.toString('base64url'));
const CONTENT = {
  version: 1,
  texts: ['seeded-once'],
  spelled: ['seeded-once'],
  absent_since: { 'seeded-once': 5 },
};

test('what was seeded stays hidden under the keys of a restored snapshot, also after a kill between two steps', async () => {
  const state = await mkdtemp(path.join(tmpdir(), 'devenv-keys-'));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  const folder = path.join(state, 'snapshots', 'old');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(state, 'keys.json'), JSON.stringify({ fernet: PRESENT }));
  await writeFile(path.join(folder, 'keys.json'), JSON.stringify({ fernet: OF_SNAPSHOT }));
  await writeFile(hiddenTextsFile(state), encryptFernet(JSON.stringify(CONTENT), PRESENT!));
  await keepHiddenTexts(folder, state);
  await keepHiddenTexts(folder, state);
  await copyKeys(folder, state);
  await keepHiddenTexts(folder, state);
  const token = await readFile(hiddenTextsFile(state), 'utf8');
  // Its row may be in the snapshot.
  const expected = { ...CONTENT, absent_since: { 'seeded-once': null } };
  expect(JSON.parse(decryptFernet(token, OF_SNAPSHOT!))).toEqual(expected);
});

test('a project that has seeded nothing stays as it is', async () => {
  const state = await mkdtemp(path.join(tmpdir(), 'devenv-keys-'));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  await keepHiddenTexts(path.join(state, 'snapshots', 'old'), state);
  await expect(readFile(hiddenTextsFile(state))).rejects.toThrow('ENOENT');
});
