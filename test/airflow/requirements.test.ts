import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { exactVersion, isLocal, projectName, readRequirements } from '../../src/airflow/requirements.ts';

let directory: string;
const write = async (name: string, text: string) => {
  const file = path.join(directory, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
};

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'requirements-'));
});

test('lines come without comments, with their place, included files in between', async () => {
  const base = await write('sub/base.txt', 'numpy>=2\n');
  const file = await write(
    'requirements.txt',
    '# all\nPandas[aws] == 2.0 # why\n\n-r sub/base.txt\nx @ https://h/x#egg=x\n',
  );
  expect(readRequirements([file])).toEqual([
    { file, line: 2, text: 'Pandas[aws] == 2.0', name: 'pandas', isConstraint: false },
    { file, line: 4, text: '-r sub/base.txt', name: undefined, isConstraint: false },
    { file: base, line: 1, text: 'numpy>=2', name: 'numpy', isConstraint: false },
    { file, line: 5, text: 'x @ https://h/x#egg=x', name: 'x', isConstraint: false },
  ]);
});

test('files that include each other end', async () => {
  const file = await write('a.txt', '-r b.txt\n');
  await write('b.txt', '-r a.txt\n-c https://example.com/c.txt\n');
  expect(readRequirements([file])).toHaveLength(3);
});

test('a missing included file is reported at the line that names it', async () => {
  const file = await write('a.txt', '\n--requirement=gone.txt\n');
  expect(() => readRequirements([file])).toThrow(
    expect.objectContaining({ code: 'requirements_not_found', location: { file, line: 2 }, misuse: true }),
  );
});

test.each([
  ['-e .', true],
  ['./wheels/x.whl', true],
  ['x @ file:///srv/x', true],
  ['--find-links wheels', true],
  ['requests', false],
  ['x @ https://example.com/x.whl', false],
  ['-r other.txt', false],
])('%s depends on its folder: %s', (text, local) => {
  expect(isLocal({ file: '', line: 1, text, name: undefined, isConstraint: false })).toBe(local);
});

test.each([
  ['Foo_Bar.baz==1', 'foo-bar-baz'],
  ["tomli; python_version < '3.11'", 'tomli'],
  ['--index-url https://x', undefined],
  ['./local', undefined],
])('the project name of %s is %s', (text, name) => {
  expect(projectName(text)).toBe(name);
});

test.each([
  ['a==1.2.3', '1.2.3'],
  ['a[x] == 1.2.3 ; python_version > "3"', '1.2.3'],
  ['a==1.2.3 \\', '1.2.3'],
  ['a @ git+https://example.com/a', ''],
  ['a==1.*', undefined],
  ['a>=1', undefined],
  ['a', undefined],
])('the exact version in %s is %s', (text, version) => {
  expect(exactVersion({ file: '', line: 1, text, name: 'a', isConstraint: false })).toBe(version);
});

test('lines of a constraint file are told from what is asked for', async () => {
  await write('bounds.txt', 'b<2\n');
  const lines = readRequirements([await write('a.txt', 'a\n-c bounds.txt\n')]);
  expect(lines.filter(({ isConstraint }) => isConstraint).map(({ text }) => text)).toEqual(['b<2']);
});
