import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { accessKey, enterTicket } from '../../src/airflow/keys.ts';

const KEY = accessKey({ api: 'secret' });

test('the access key is the same for the same keys, and is not one of them', () => {
  expect(accessKey({ api: 'secret' })).toBe(KEY);
  expect(accessKey({ api: 'other' })).not.toBe(KEY);
  expect(KEY).toMatch(/^[\da-f]{64}$/);
});

test('a ticket is valid for a minute and signed with the access key', () => {
  const [expiry = '', nonce = '', signature] = enterTicket(KEY, 1_700_000_000_500).split('.');
  expect(expiry).toBe('1700000060');
  expect(signature).toBe(createHmac('sha256', KEY).update(`${expiry}.${nonce}`).digest('hex'));
});

test('no two tickets are the same', () => {
  expect(enterTicket(KEY, 0)).not.toBe(enterTicket(KEY, 0));
});
