import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Project } from '../../src/config/project.ts';
import { requirementNeeds } from '../../src/seed/requirementNeeds.ts';

let root = '';
let file = '';
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-requirements-')));
  file = path.join(root, 'requirements.txt');
  await mkdir(path.join(root, 'library'));
  await writeFile(path.join(root, 'setup.py'), 'print("built")');
});

const needsOf = async (...lines: string[]) => {
  await writeFile(file, lines.join('\n'));
  const project = { root, airflow: { requirements: [file] } } as unknown as Project;
  return requirementNeeds(project);
};

test('what is built from a folder or an address, or comes from another index, is named with its line', async () => {
  const lines = [
    'pandas==2.0',
    '-e .',
    './library[extra]',
    'x @ git+https://example.org/x',
    'git+ssh://example.org/y',
    'https://example.org/z.whl',
    '--extra-index-url https://example.org/simple',
    '-c https://example.org/constraints.txt',
  ];
  const needs = await needsOf(...lines);
  expect(needs.map(({ kind, place }) => [kind, place.line])).toEqual(
    [2, 3, 4, 5, 6, 7, 8].map((line) => ['run', line]),
  );
  expect(needs[0]?.what).toBe('what "-e ." builds or brings');
});

test('packages from the index are no need, and neither is a file that is not there', async () => {
  expect(await needsOf('pandas>=2', 'numpy[extra]==1.0; python_version > "3"')).toEqual([]);
  const missing = { root, airflow: { requirements: [path.join(root, 'none.txt')] } } as unknown as Project;
  expect(await requirementNeeds(missing)).toEqual([]);
});

test('a changed setup.py is another need', async () => {
  const [before] = await needsOf('-e .');
  await writeFile(path.join(root, 'setup.py'), 'print("built otherwise")');
  const [after] = await needsOf('-e .');
  expect(after?.digest).not.toBe(before?.digest);
});
