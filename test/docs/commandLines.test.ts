import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

test('no page and no help text shows a command line that holds the access key', () => {
  // Of `printf` it is a word, too, but that is part of the shell and no process.
  const inCommandLine = /(?:-H|--header)\s+["'][^"'\n]*\$\(devenv token\)/;
  const offences = texts().filter((file) => inCommandLine.test(readFileSync(file, 'utf8')));
  expect(offences).toEqual([]);
});

function texts(): string[] {
  const below = ['docs', 'src', 'scripts'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(md|ts|tsx|py|mjs|sh)$/.test(name) && !/(^|\/)\.devenv\//.test(name))
      .map((name) => path.join(ROOT, folder, name)),
  );
  return [path.join(ROOT, 'README.md'), path.join(ROOT, 'CONTRIBUTING.md'), ...below];
}
