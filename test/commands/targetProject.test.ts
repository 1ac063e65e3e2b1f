import path from 'node:path';
import { expect, test } from 'vitest';
import { targetProject } from '../../src/commands/targetProject.ts';
import { DAG_FILE, makeTree } from '../config/tree.ts';

/** The project's root for a file, both relative to the tree. */
async function rootFor(
  files: Readonly<Record<string, string>>,
  { from, file, configFile }: { from: string; file?: string; configFile?: string },
): Promise<string> {
  const tree = await makeTree(files);
  const project = await targetProject(
    { env: {}, workingDirectory: path.join(tree, from) },
    {
      file: file === undefined ? undefined : path.join(tree, file),
      configFile: configFile === undefined ? undefined : path.join(tree, configFile),
    },
  );
  return path.relative(tree, project.root) || '.';
}

const REPOSITORY = { '.git/': '', 'dags/a.py': DAG_FILE };
const EXAMPLE = { 'docs/examples/x/dags/b.py': DAG_FILE, 'docs/examples/x/devenv.yaml': '' };

test('a file of the repository around the working directory runs in that project', async () => {
  expect(await rootFor(REPOSITORY, { from: '.', file: 'dags/a.py' })).toBe('.');
  expect(await rootFor(REPOSITORY, { from: 'dags', file: 'dags/a.py' })).toBe('.');
});

test('the devenv.yaml nearest to the file wins over the one of the working directory', async () => {
  const files = { ...REPOSITORY, ...EXAMPLE, 'devenv.yaml': '' };
  expect(await rootFor(files, { from: '.', file: 'docs/examples/x/dags/b.py' })).toBe('docs/examples/x');
  expect(await rootFor(files, { from: '.', file: 'dags/a.py' })).toBe('.');
});

test('a file of another repository that devenv.yaml names runs in the project that names it', async () => {
  const files = {
    'one/devenv.yaml': 'repositories: [., ../two]\n',
    'one/dags/a.py': DAG_FILE,
    'two/devenv.yaml': '',
    'two/dags/b.py': DAG_FILE,
  };
  expect(await rootFor(files, { from: 'one', file: 'two/dags/b.py' })).toBe('one');
});

test('a file elsewhere runs in its own project', async () => {
  const files = { 'one/.git/': '', 'one/dags/a.py': DAG_FILE, 'two/.git/': '', 'two/dags/b.py': DAG_FILE };
  expect(await rootFor(files, { from: 'one', file: 'two/dags/b.py' })).toBe('two');
});

test('a folder without DAGs of its own around several projects is not the project', async () => {
  const files = {
    '.git/': '',
    'README.md': '',
    'deep/er/still/dags/a.py': DAG_FILE,
    'deep/er/still/shared/': '',
  };
  expect(await rootFor(files, { from: '.', file: 'deep/er/still/dags/a.py' })).toBe('deep/er/still');
});

test('--config decides, whatever is nearer', async () => {
  const files = { ...REPOSITORY, ...EXAMPLE, 'devenv.yaml': '' };
  const file = 'docs/examples/x/dags/b.py';
  expect(await rootFor(files, { from: '.', file, configFile: 'devenv.yaml' })).toBe('.');
});

test('a DAG id is looked for in the project of the working directory', async () => {
  expect(await rootFor({ ...REPOSITORY, ...EXAMPLE }, { from: '.' })).toBe('.');
});
