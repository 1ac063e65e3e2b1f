import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

test('docs/troubleshooting.md has every code that the source can give, and no other', () => {
  const documented = [...read('docs/troubleshooting.md').matchAll(/^\| `([a-z_]+)`/gm)].map(
    ([, code]) => code ?? '',
  );
  expect(documented.toSorted()).toEqual([...codesInSource()].toSorted());
});

function codesInSource(): Set<string> {
  const codes = new Set<string>();
  for (const file of sources()) {
    const text = read(file);
    const patterns = file.endsWith('.py') ? PYTHON : TYPESCRIPT;
    for (const pattern of patterns) {
      for (const [statement] of text.matchAll(pattern)) {
        for (const [, code] of statement.matchAll(/['"]([a-z]+(?:_[a-z]+)*)['"]/g)) if (code) codes.add(code);
      }
    }
  }
  for (const word of NOT_CODES) codes.delete(word);
  return codes;
}

const TYPESCRIPT = [
  /^\s*(?:const )?code[:=] .*$/gm,
  /\{ code: '\w+'/g,
  // The union of a configuration's mistakes.
  /^\s*\| 'config_\w+';?$/gm,
];
const PYTHON = [/RunFailure\(\s*"\w+"/g, /\bcode="\w+"/g, /\bwarn\(\s*"\w+"/g, /raise _import_failure\(/g];
/** Zod's own codes; an event's field. */
const NOT_CODES = ['invalid_union'];

function sources(): string[] {
  return readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|py)$/.test(name))
    .map((name) => path.join('src', name));
}

function read(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}
