// Writes docs/commands.md from the commands themselves. A test fails when the file is not up to date.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { commandsDocument } from '../src/commands/commandsDocument.ts';
import { buildProgram } from '../src/commands/buildProgram.ts';

// The build defines it; the document does not show it.
globalThis.__VERSION__ = '';
const root = buildProgram({ host: process }, () => {});
const text = await format(commandsDocument(root), { parser: 'markdown', printWidth: 110 });
await writeFile(new URL('../docs/commands.md', import.meta.url), text);
