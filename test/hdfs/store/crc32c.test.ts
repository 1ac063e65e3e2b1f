import { expect, test } from 'vitest';
import { fileChecksum } from '../../../src/hdfs/store/checksum.ts';
import { crc32c } from '../../../src/hdfs/store/crc32c.ts';
import { put, temporaryStore } from '../support/temporaryStore.ts';

test.each([
  // RFC 3720, B.4.
  ['8a9136aa', Buffer.alloc(32, 0)],
  ['62a8ab43', Buffer.alloc(32, 0xff)],
  ['46dd794e', Buffer.from(Array.from({ length: 32 }, (_, index) => index))],
  ['e3069283', Buffer.from('123456789')],
])('CRC-32C %s', (expected, bytes) => {
  expect(crc32c(bytes, 0, bytes.length).toString(16)).toBe(expected);
});

test('the checksum of an empty file is HDFS’ own constant', async () => {
  const it = temporaryStore();
  await put(it, '/empty', '');
  const { algorithm, bytes } = await fileChecksum(it.store, it.root, '/empty');
  expect(algorithm).toBe('MD5-of-0MD5-of-0CRC32');
  expect(bytes.subarray(12).toString('hex')).toBe('70bc8f4b72a86921468bf8e8441dce51');
});
