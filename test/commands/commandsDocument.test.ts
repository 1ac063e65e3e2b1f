import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { commandsDocument } from '../../src/commands/commandsDocument.ts';
import { buildProgram } from '../../src/commands/buildProgram.ts';
import type { CommandHost } from '../../src/commands/commandHost.ts';

const ROOT = buildProgram({ host: process } as CommandHost, () => {});

test('docs/commands.md is up to date (else: node scripts/generate-commands.mjs)', async () => {
  const wanted = await format(commandsDocument(ROOT), { parser: 'markdown', printWidth: 110 });
  expect(await readFile(new URL('../../docs/commands.md', import.meta.url), 'utf8')).toBe(wanted);
});

test('every command says in a line and in a paragraph what it does', () => {
  const commands = ROOT.createHelp().visibleCommands(ROOT);
  const silent = commands.filter((each) => each.summary() === '' || each.description() === '');
  expect(silent.map((each) => each.name())).toEqual(['help']);
});
