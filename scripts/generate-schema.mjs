// Writes docs/devenv.schema.json from src/config/schema.ts. A test fails when the file is not up to date.
import { writeFile } from 'node:fs/promises';
import { devenvJsonSchema } from '../src/config/jsonSchema.ts';

await writeFile(new URL('../docs/devenv.schema.json', import.meta.url), devenvJsonSchema());
