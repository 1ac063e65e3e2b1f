import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The text of a Fernet token: 0x80, 8 bytes of time, 16 of initialisation vector, AES-128-CBC of the text, 32 bytes
 * of HMAC-SHA256 over all that. Source: github.com/fernet/spec.
 *
 * @param key 32 bytes in URL-safe base64: the first half signs, the second encrypts.
 * @throws Error when it was made with another key, or is damaged.
 */
export function decryptFernet(token: string, key: string): string {
  const keys = Buffer.from(key, 'base64url');
  const bytes = Buffer.from(token.trim(), 'base64url');
  const signed = bytes.subarray(0, -SIGNATURE_BYTES);
  const signature = createHmac('sha256', keys.subarray(0, HALF)).update(signed).digest();
  if (bytes.length <= HEAD_BYTES + SIGNATURE_BYTES || bytes[0] !== VERSION)
    throw new Error('not a Fernet token');
  if (!timingSafeEqual(signature, bytes.subarray(-SIGNATURE_BYTES))) throw new Error('made with another key');
  const vector = signed.subarray(VECTOR_START, HEAD_BYTES);
  const decipher = createDecipheriv('aes-128-cbc', keys.subarray(HALF), vector);
  return Buffer.concat([decipher.update(signed.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
}

/** A token that `decryptFernet` and Airflow read; its time is that of the epoch. */
export function encryptFernet(text: string, key: string): string {
  const keys = Buffer.from(key, 'base64url');
  const head = Buffer.alloc(VECTOR_START);
  head.writeUInt8(VERSION);
  const vector = randomBytes(HEAD_BYTES - VECTOR_START);
  const cipher = createCipheriv('aes-128-cbc', keys.subarray(HALF), vector);
  const signed = Buffer.concat([head, vector, cipher.update(text, 'utf8'), cipher.final()]);
  const signature = createHmac('sha256', keys.subarray(0, HALF)).update(signed).digest();
  // With padding: Python's base64 wants it.
  return Buffer.concat([signed, signature]).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

const VERSION = 0x80;
const [VECTOR_START, HEAD_BYTES, SIGNATURE_BYTES, HALF] = [9, 25, 32, 16];
