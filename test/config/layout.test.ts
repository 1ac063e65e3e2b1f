import path from 'node:path';
import { expect, test } from 'vitest';
import { importPath } from '../../src/config/importPath.ts';
import { detectLayout } from '../../src/config/layout.ts';
import { repositoriesByLooking } from '../../src/config/repositories.ts';
import { DAG_FILE, makeTree } from './tree.ts';

/** The layout with paths relative to the repository. */
async function look(files: Readonly<Record<string, string>> | readonly string[]) {
  const root = await makeTree(files);
  const layout = await detectLayout(root);
  const relative = (folders: readonly string[]) =>
    folders.map((folder) => path.relative(root, folder) || '.');
  return {
    kind: layout.kind,
    dags: relative(layout.dagsFolders),
    plugins: relative(layout.pluginsFolders),
    imports: relative(await importPath(root, layout, [])),
  };
}

test('a plain dags folder', async () => {
  expect(await look(['dags/a.py', 'tests/test_a.py', 'docs/conf.py', 'README.md'])).toEqual({
    kind: 'plain',
    dags: ['dags'],
    plugins: [],
    imports: ['dags', '.'],
  });
});

test('dags, plugins and shared: a package in shared is imported by its name, a project by what it holds', async () => {
  const found = await look([
    'dags/a.py',
    'plugins/operators/x.py',
    'plugins/sensors/y.py',
    'shared/namespace/types.py',
    'shared/package/__init__.py',
    'shared/package/sub/__init__.py',
    'shared/project/lib/__init__.py',
    'shared/with-src/src/thing/__init__.py',
    'config/airflow_local_settings.py',
  ]);
  expect(found).toEqual({
    kind: 'plugins-shared',
    dags: ['dags'],
    plugins: ['plugins'],
    imports: ['config', 'plugins', 'dags', 'shared', 'shared/project', 'shared/with-src/src', '.'],
  });
});

test('operators and sensors at the root are found beside dags', async () => {
  expect(await look(['dags/a.py', 'operators/x.py', 'sensors/y.py', 'shared/lib/__init__.py'])).toMatchObject(
    {
      kind: 'plugins-shared',
      imports: ['dags', 'shared', '.'],
    },
  );
});

test('instances with their own dags share packages at the root', async () => {
  const found = await look({
    'analytics/dags/a.py': DAG_FILE,
    'analytics/config/artifacts.yaml': '',
    'analytics/config/dag_config.py': '',
    'ml/dags/b.py': DAG_FILE,
    'ml/config/artifacts.yaml': '',
    'wmf_airflow_common/plugins/p.py': 'from airflow.plugins_manager import AirflowPlugin',
    'some_library/plugins/p.py': 'print("not of Airflow")',
    'config/artifact_config.yaml': '',
    'tests/dags/c.py': DAG_FILE,
  });
  expect(found).toEqual({
    kind: 'instances',
    dags: ['analytics/dags', 'ml/dags'],
    plugins: ['wmf_airflow_common/plugins'],
    imports: ['wmf_airflow_common/plugins', 'analytics/dags', 'ml/dags', '.'],
  });
});

test('an AIRFLOW_HOME in the repository is not an instance', async () => {
  const files = {
    'dags/a.py': '',
    'plugins/p.py': '',
    'airflow/dags': '-> ../dags',
    'airflow/airflow.cfg': '',
  };
  expect(await look(files)).toMatchObject({ kind: 'plugins-shared', dags: ['dags'] });
  expect(await look({ 'work/a.py': '', 'home/dags': '-> ../work' })).toMatchObject({
    kind: 'none',
    dags: [],
  });
});

test('dags beside projects mirror AIRFLOW_HOME', async () => {
  expect(await look(['dags/a.py', 'image-matching/requirements.txt', 'image-matching/Makefile'])).toEqual({
    kind: 'multi-project',
    dags: ['dags'],
    plugins: [],
    imports: ['dags', '.'],
  });
});

test.each([
  [{ 'dags/a.py': '', '.astro/config.yaml': '' }],
  [{ 'dags/a.py': '', 'Dockerfile': 'FROM quay.io/astronomer/astro-runtime:12.1.0\n' }],
  [{ 'dags/a.py': '', 'Dockerfile': 'FROM mine\n', 'packages.txt': '' }],
  [{ 'dags/a.py': '', 'airflow_settings.yaml': '' }],
])('an Astro project is told by its files (%#)', async (files) => {
  expect(await look({ ...files, 'include/lib.py': '', 'plugins/': '' })).toEqual({
    kind: 'astro',
    dags: ['dags'],
    plugins: ['plugins'],
    imports: ['plugins', 'dags', '.'],
  });
});

test('DAG files at the root of a repository make the root the DAGs folder', async () => {
  expect(await look({ 'my_dag.py': DAG_FILE, 'setup.py': 'x' })).toMatchObject({ kind: 'none', dags: ['.'] });
});

const MAKES_DAG = 'from airflow.sdk import DAG\nwith DAG("stock"):\n    pass\n';

test('DAG files in subfolders only make the root of a repository the DAGs folder, as where it is mounted whole', async () => {
  const files = { 'Stock/deep/more.py': MAKES_DAG, 'lib/tools.py': 'import airflow' };
  const dagsOf = async (more: Readonly<Record<string, string>>) => {
    const root = await makeTree({ ...files, ...more });
    const repositories = await repositoriesByLooking(root);
    return repositories.flatMap((each) =>
      each.dagsFolders.map((folder) => path.relative(root, folder) || '.'),
    );
  };
  expect(await dagsOf({ '.git/': '' })).toEqual(['.']);
  expect(await dagsOf({ 'devenv.yaml': '' })).toEqual(['.']);
  // Any folder may hold some, a home for example.
  expect(await dagsOf({})).toEqual([]);
});

test('what only helps DAG files, and the DAGs of tests, make no DAGs folder', async () => {
  const operator = 'from airflow.models import BaseOperator\n# For DAGs.\n';
  const root = await makeTree({ 'operators_of_ours/copy.py': operator, 'tests/test_dag.py': MAKES_DAG });
  expect((await detectLayout(root, { inSubfolders: true })).dagsFolders).toEqual([]);
});

test('a repository of libraries has no DAGs', async () => {
  const files = { 'setup.py': 'description = "used by airflow dags"', 'training/__init__.py': '' };
  expect(await look(files)).toEqual({ kind: 'none', dags: [], plugins: [], imports: ['.'] });
});

test('a project that is a package itself is imported from by its name', async () => {
  const files = {
    '.git/': '',
    'warehouse/dags/a.py': 'from airflow.sdk import dag\nfrom warehouse.plugins.tools import x\n',
    'warehouse/plugins/tools.py': '',
    'other/dags/b.py': 'import otherwise\n',
    'other/Dockerfile': '',
  };
  const root = await makeTree(files);
  const imports = async (name: string) => {
    const folder = path.join(root, name);
    return importPath(folder, await detectLayout(folder), []);
  };
  expect(await imports('warehouse')).toContain(root);
  expect(await imports('other')).not.toContain(root);
});
