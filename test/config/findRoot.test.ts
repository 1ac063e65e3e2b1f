import path from 'node:path';
import { expect, test } from 'vitest';
import { findConfigFile, findProjectRoot } from '../../src/config/findRoot.ts';
import { DAG_FILE, makeTree } from './tree.ts';

async function rootFrom(
  files: Readonly<Record<string, string>> | readonly string[],
  from = '.',
): Promise<string> {
  const tree = await makeTree(files);
  return path.relative(tree, await findProjectRoot(path.join(tree, from))) || '.';
}

test('the Git top level is the root from anywhere in the repository', async () => {
  const files = ['.git/', 'dags/team/a.py', 'plugins/operators/x.py'];
  expect(await rootFrom(files)).toBe('.');
  expect(await rootFrom(files, 'dags/team')).toBe('.');
  expect(await rootFrom(files, 'plugins/operators')).toBe('.');
});

test('a work tree, where .git is a file, counts too', async () => {
  expect(await rootFrom({ '.git': 'gitdir: /x', 'dags/a.py': '' }, 'dags')).toBe('.');
});

test('the instances of a repository belong to it', async () => {
  const files = [
    '.git/',
    'ml/dags/a.py',
    'ml/config/artifacts.yaml',
    'ml/requirements.txt',
    'common/__init__.py',
  ];
  expect(await rootFrom(files, 'ml/dags')).toBe('.');
});

test('a whole Airflow project in a repository of many things is the root, from inside and from the top', async () => {
  const files = ['.git/', 'web/package.json', 'airflow/dags/a.py', 'airflow/plugins/p.py'];
  expect(await rootFrom(files, 'airflow/dags')).toBe('airflow');
  expect(await rootFrom(files, 'web')).toBe('airflow');
  expect(await rootFrom(['.git/', 'services/airflow/dags/a.py', 'web/x.py'])).toBe('services/airflow');
});

test('of two whole projects side by side the one around the working directory is the root', async () => {
  const files = ['.git/', 'one/dags/a.py', 'one/Dockerfile', 'two/dags/b.py', 'two/Dockerfile'];
  expect(await rootFrom(files, 'two')).toBe('two');
  expect(await rootFrom(files)).toBe('.');
});

test('DAGs of the tests do not make the tests a project', async () => {
  expect(await rootFrom(['.git/', 'dags/a.py', 'tests/dags/b.py', 'tests/Dockerfile'], 'tests/dags')).toBe(
    '.',
  );
});

test('without Git the nearest folder above with a known layout is the root', async () => {
  expect(await rootFrom({ 'project/dags/deep/a.py': DAG_FILE }, 'project/dags/deep')).toBe('project');
  expect(await rootFrom({ 'loose/a.py': DAG_FILE }, 'loose')).toBe('loose');
});

test('without Git a folder full of projects is no project, one with instances is', async () => {
  const projects = { 'src/one/dags/a.py': '', 'src/two/dags/b.py': '', 'src/loose/a.py': DAG_FILE };
  expect(await rootFrom(projects, 'src/loose')).toBe('src/loose');
  expect(await rootFrom(projects, 'src/one/dags')).toBe('src/one');
  expect(
    await rootFrom(['src/one/dags/a.py', 'src/one/config/artifacts.yaml', 'src/lib/x.py'], 'src/lib'),
  ).toBe('src');
});

test('without anything the working directory is the root', async () => {
  expect(await rootFrom(['empty/'], 'empty')).toBe('empty');
});

test('a Git repository in which only the working directory has DAGs', async () => {
  expect(await rootFrom({ '.git/': '', 'jobs/etl/a.py': DAG_FILE }, 'jobs/etl')).toBe('jobs/etl');
});

test('a link to the project leads to its real path', async () => {
  const tree = await makeTree({ 'real/.git/': '', 'real/dags/a.py': '', 'link': '-> real' });
  expect(await findProjectRoot(path.join(tree, 'link', 'dags'))).toBe(path.join(tree, 'real'));
});

test('the nearest configuration file above is found, across the Git top level', async () => {
  const tree = await makeTree(['devenv.yaml', 'repo/.git/', 'repo/dags/a.py']);
  expect(await findConfigFile(path.join(tree, 'repo/dags'))).toBe(path.join(tree, 'devenv.yaml'));
});

test("the other devenv's file is left alone, and ours may have another name beside it", async () => {
  const tree = await makeTree([
    'other/devenv.yaml',
    'other/devenv.nix',
    'both/airflow-devenv.yaml',
    'both/devenv.nix',
  ]);
  expect(await findConfigFile(path.join(tree, 'other'))).toBeUndefined();
  expect(await findConfigFile(path.join(tree, 'both'))).toBe(path.join(tree, 'both/airflow-devenv.yaml'));
});
