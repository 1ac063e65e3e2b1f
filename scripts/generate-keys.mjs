// Writes docs/keys.md from src/ui/tui/keys.ts. A test fails when the file is not up to date.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { keysDocument } from '../src/ui/tui/keysDocument.ts';

const text = await format(keysDocument(), { parser: 'markdown', printWidth: 110 });
await writeFile(new URL('../docs/keys.md', import.meta.url), text);
