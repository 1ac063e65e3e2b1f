import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HiddenTexts, hiddenTextsFile } from '../../src/airflow/hiddenTexts.ts';

const KEY = randomBytes(32);

function encrypt(text: string): string {
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', KEY.subarray(16), vector);
  const head = Buffer.concat([Buffer.from([0x80]), Buffer.alloc(8), vector]);
  const signed = Buffer.concat([head, cipher.update(text, 'utf8'), cipher.final()]);
  const signature = createHmac('sha256', KEY.subarray(0, 16)).update(signed).digest();
  return Buffer.concat([signed, signature]).toString('base64url');
}

async function setUp() {
  const stateDirectory = await mkdtemp(path.join(tmpdir(), 'devenv-hidden-'));
  onTestFinished(() => rm(stateDirectory, { recursive: true, force: true }));
  const own: string[] = [];
  let [key, now]: [string | undefined, number] = [KEY.toString('base64url'), 0];
  const hidden = new HiddenTexts({
    stateDirectory,
    fernetKey: () => key,
    always: () => own,
    now: () => (now += 1_000),
  });
  const seed = async (...spelled: string[]): Promise<void> => {
    const file = hiddenTextsFile(stateDirectory);
    await writeFile(`${file}.tmp`, encrypt(JSON.stringify({ version: 1, texts: [], spelled })));
    await rename(`${file}.tmp`, file);
  };
  return {
    hidden,
    own,
    seed,
    forgetKey: () => (key = undefined),
    knowKey: () => (key = KEY.toString('base64url')),
  };
}

test('without a seed a line stays as it is', async () => {
  const { hidden } = await setUp();
  expect(hidden.hide('word')).toBe('word');
});

test('what was seeded is hidden, the longest first, and what is seeded later too', async () => {
  const { hidden, seed } = await setUp();
  await seed('secret-of-many', 'secret');
  expect(hidden.hide('a secret-of-many and a secret')).toBe('a *** and a ***');
  await seed('another');
  expect(hidden.hide('another secret')).toBe('*** secret');
});

test('a key that becomes known later is used then', async () => {
  const { hidden, seed, forgetKey, knowKey } = await setUp();
  forgetKey();
  await seed('secret');
  expect(hidden.hide('secret')).toBe('secret');
  knowKey();
  expect(hidden.hide('secret')).toBe('***');
});

test("the project's own keys are hidden, whatever was seeded", async () => {
  const { hidden, own, seed } = await setUp();
  own.push('key-of-the-project');
  expect(hidden.hide('a key-of-the-project')).toBe('a ***');
  await seed('secret');
  expect(hidden.hide('a key-of-the-project and a secret')).toBe('a *** and a ***');
});
