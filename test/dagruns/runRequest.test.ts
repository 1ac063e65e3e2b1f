import path from 'node:path';
import { expect, test } from 'vitest';
import { loadProject } from '../../src/config/loadProject.ts';
import { runRequest, type RunDagOptions } from '../../src/dagruns/runRequest.ts';
import { DAG_FILE, makeTree } from '../config/tree.ts';

const OPTIONS: RunDagOptions = {
  arguments: [],
  replace: false,
  retries: 0,
  reportSources: false,
  useRunner: true,
  stock: false,
};

async function requestIn(files: Readonly<Record<string, string>>, folder: string, file: string) {
  const tree = await makeTree(files);
  const project = await loadProject({ env: {}, workingDirectory: path.join(tree, folder) });
  const request = runRequest(
    project,
    { ...OPTIONS, file: path.join(tree, file) },
    { workingDirectory: tree, environment: {}, runsDirectory: '/runs' },
  );
  const paths = request['import_paths'] as string[];
  return { request, importPaths: paths.map((each) => path.relative(tree, each)) };
}

test('what was not asked for is null, so that the other side sees every field', async () => {
  const { request } = await requestIn({ '.git/': '', 'dags/a.py': DAG_FILE }, '.', 'dags/a.py');
  expect(request).toMatchObject({
    kind: 'run',
    dag_id: null,
    conf: null,
    logical_date: null,
    task_pattern: null,
    mark_success_pattern: null,
    debug_port: null,
    debug_socket: null,
    arguments: [],
    runs_directory: '/runs',
  });
  expect(Object.values(request)).not.toContain(undefined);
});

test('of two repositories the one of the file comes first on the import path', async () => {
  const files = {
    'one/devenv.yaml': 'repositories: [., ../two]\n',
    'one/.git/': '',
    'one/dags/a.py': DAG_FILE,
    'two/.git/': '',
    'two/dags/b.py': DAG_FILE,
  };
  const first = await requestIn(files, 'one', 'one/dags/a.py');
  expect(first.importPaths).toEqual(['one/dags', 'one', 'two/dags', 'two']);
  const second = await requestIn(files, 'one', 'two/dags/b.py');
  expect(second.importPaths).toEqual(['two/dags', 'two', 'one/dags', 'one']);
});

test('a repository whose name begins like the one of the file is not its owner', async () => {
  const files = {
    'shop/devenv.yaml': 'repositories: [., ../shop-two]\n',
    'shop/.git/': '',
    'shop/dags/a.py': DAG_FILE,
    'shop-two/.git/': '',
    'shop-two/dags/b.py': DAG_FILE,
  };
  const { importPaths } = await requestIn(files, 'shop', 'shop-two/dags/b.py');
  expect(importPaths[0]).toBe('shop-two/dags');
});
