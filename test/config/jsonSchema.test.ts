import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { devenvJsonSchema } from '../../src/config/jsonSchema.ts';

test('the shipped JSON Schema is up to date (else: node scripts/generate-schema.mjs)', async () => {
  const shipped = await readFile(new URL('../../docs/devenv.schema.json', import.meta.url), 'utf8');
  expect(shipped).toBe(devenvJsonSchema());
});
