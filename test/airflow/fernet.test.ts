import { expect, test } from 'vitest';
import { decryptFernet } from '../../src/airflow/fernet.ts';

/** Of the specification's own `verify.json`. */
const [KEY, TOKEN] = [
  'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==',
] as const;

test('a token of the specification is read', () => {
  expect(decryptFernet(TOKEN, KEY)).toBe('hello');
});

test('another key and damage are refused', () => {
  expect(() => decryptFernet(TOKEN, Buffer.alloc(32).toString('base64url'))).toThrow('another key');
  expect(() => decryptFernet(`${TOKEN.slice(0, 40)}A${TOKEN.slice(41)}`, KEY)).toThrow('another key');
  expect(() => decryptFernet('gAAA', KEY)).toThrow('not a Fernet token');
});
