import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describeLayout } from '../../src/config/describeLayout.ts';
import { importPathForFile } from '../../src/config/importPath.ts';
import { loadProject } from '../../src/config/loadProject.ts';
import { makeTree } from './tree.ts';

const load = (workingDirectory: string, configFile?: string) =>
  loadProject({ env: { HOME: '/nowhere' }, workingDirectory }, { configFile });

test('a repository without configuration is a project', async () => {
  const root = await makeTree(['.git/', 'dags/a.py', 'requirements.txt']);
  expect(await load(path.join(root, 'dags'))).toEqual({
    root,
    configFile: undefined,
    stateDirectory: path.join(root, '.devenv'),
    airflow: {
      version: '3.3.2',
      python: undefined,
      requirements: [path.join(root, 'requirements.txt')],
      config: {},
      env: {},
    },
    repositories: [
      {
        name: path.basename(root),
        path: root,
        layout: 'plain',
        dagsFolders: [path.join(root, 'dags')],
        pluginsFolders: [],
        pythonPath: [path.join(root, 'dags'), root],
      },
    ],
    database: 'postgres',
    seed: undefined,
    seedOnUp: 'missing',
    required: { variables: [], connections: [] },
  });
});

test.each([
  ['requirements/requirements.txt', { 'requirements/requirements.txt': '', 'requirements/dev.txt': '' }],
  [
    'requirements/base.txt',
    {
      'requirements/base.txt': '',
      'requirements/dev.txt': '',
      'Dockerfile': 'COPY requirements/base.txt r.txt',
    },
  ],
  [undefined, { 'requirements/base.txt': '', 'requirements/dev.txt': '' }],
])('of a folder of requirements beside dags, %s is installed', async (name, files) => {
  const root = await makeTree({ '.git/': '', 'dags/a.py': '', ...files });
  expect((await load(root)).airflow.requirements).toEqual(name === undefined ? [] : [path.join(root, name)]);
});

const LOCKED = '[[package]]\nname = "apache-airflow"\nversion = "3.1.5"\n';
const HASHED = 'apache-airflow==3.1.5 \\\n    --hash=sha256:0\n';

test.each([
  ['uv.lock', { 'uv.lock': LOCKED }],
  ['requirements/base.txt', { 'requirements/base.txt': HASHED, 'requirements/base.in': '' }],
  ['Pipfile.lock', { 'Pipfile.lock': '{"default": {"apache-airflow": {"version": "==3.1.5"}}}' }],
  ['requirements.txt', { 'requirements.txt': '# by pip-compile with Python 3.11\napache-airflow==3.1.5\n' }],
  // No lock, and the lock of another Airflow.
  [undefined, { 'requirements.txt': 'apache-airflow==3.1.5\n' }],
  [undefined, { 'Dockerfile': 'FROM apache/airflow:3.1.4', 'uv.lock': LOCKED }],
])('%s is the lock of the project', async (name, files) => {
  const root = await makeTree({ '.git/': '', 'dags/a.py': '', ...files });
  expect((await load(root)).airflow.projectLock).toBe(name === undefined ? undefined : path.join(root, name));
});

test('requirements without a dags folder beside them are left alone', async () => {
  const root = await makeTree({
    '.git/': '',
    'requirements.txt': '',
    'ml/dags/a.py': '',
    'ml/config/artifacts.yaml': '',
  });
  expect((await load(root)).airflow.requirements).toEqual([]);
});

test('the version that the repository pins is the version, unless the file names another', async () => {
  const files = { '.git/': '', 'dags/a.py': '', 'requirements.txt': 'apache-airflow==2.11.2' };
  expect((await load(await makeTree(files))).airflow.version).toBe('2.11.2');
  const named = await makeTree({ ...files, 'devenv.yaml': 'airflow: {version: 3.3.2, requirements: []}' });
  expect((await load(named)).airflow).toMatchObject({ version: '3.3.2', requirements: [] });
});

test('every key of the design is accepted, and values are what the file says', async () => {
  const tree = await makeTree({
    'main/devenv.yaml': `
airflow:
  version: 2.11.2
  python: 3.10
  requirements: [requirements.txt]
  config: {core.parallelism: 4, core.load_examples: false, core.lazy: TRUE, scheduler.factor: 1.0}
  env: {AIRFLOW_INSTANCE_NAME: ml, DEBUG: true, CODE: 007, TEXT: "\${NAME}"}
repositories:
  - .
  - {path: ../ml-pipelines, pythonpath: [training]}
database: sqlite
seed: [seed/variables.yaml, seed/connections.yaml, seed/secrets.age.yaml]
hdfs: {nameservice: analytics-hadoop}
spark: {master: "local[2]"}
kubernetes:
  nodes: [{labels: {amd.com/gpu.vram: 64G}, resources: {amd.com/gpu: 1}}]
  volumes: [{claim: airflow-ml-model-training, class: ceph-rbd-ssd, size: 20Gi}]
artifacts: config/artifacts.yaml
required: {variables: [a], connections: [b]}
`,
    'main/requirements.txt': '',
    'main/dags/a.py': '',
    'ml-pipelines/training/common_utils/__init__.py': '',
  });
  const project = await load(path.join(tree, 'main'));
  expect(project.airflow).toEqual({
    version: '2.11.2',
    python: '3.10',
    requirements: [path.join(tree, 'main/requirements.txt')],
    config: {
      'core.parallelism': '4',
      'core.load_examples': 'False',
      'core.lazy': 'True',
      'scheduler.factor': '1.0',
    },
    env: { AIRFLOW_INSTANCE_NAME: 'ml', DEBUG: 'true', CODE: '007', TEXT: '${NAME}' },
  });
  expect(project.database).toBe('sqlite');
  expect(project.seed?.map(({ path: file, namedAt }) => [file, namedAt?.line, namedAt?.column])).toEqual([
    [path.join(tree, 'main/seed/variables.yaml'), 12, 8],
    [path.join(tree, 'main/seed/connections.yaml'), 12, 29],
    [path.join(tree, 'main/seed/secrets.age.yaml'), 12, 52],
  ]);
  expect(project.required).toEqual({ variables: ['a'], connections: ['b'] });
  expect(project.repositories.map(({ name, layout }) => [name, layout])).toEqual([
    ['main', 'plain'],
    ['ml-pipelines', 'none'],
  ]);
  expect(project.repositories[1]?.pythonPath).toEqual([
    path.join(tree, 'ml-pipelines'),
    path.join(tree, 'ml-pipelines/training'),
  ]);
});

test('an empty file configures nothing', async () => {
  const root = await makeTree({ 'devenv.yaml': '# nothing yet\n', 'dags/a.py': '' });
  expect(await load(path.join(root, 'dags'))).toMatchObject({
    root,
    configFile: path.join(root, 'devenv.yaml'),
    repositories: [{ layout: 'plain' }],
  });
});

test('a file named by hand decides the root, and names of repositories are unique', async () => {
  const tree = await makeTree({
    'envs/mine.yaml': 'repositories: [../a/dags-repo, ../b/dags-repo, {path: ../c, name: dags-repo-2}]',
    'a/dags-repo/dags/': '',
    'b/dags-repo/dags/': '',
    'c/dags/': '',
  });
  const project = await load(path.join(tree, 'a'), '../envs/mine.yaml');
  expect(project.root).toBe(path.join(tree, 'envs'));
  expect(project.repositories.map(({ name }) => name)).toEqual(['dags-repo', 'dags-repo-3', 'dags-repo-2']);
});

test('folders named by hand replace those found by looking', async () => {
  const tree = await makeTree({
    'devenv.yaml': 'repositories: [{path: ., dags: workflows, plugins: [more/plugins], pythonpath: lib}]',
    'dags/a.py': '',
    'workflows/': '',
    'more/plugins/': '',
    'lib/': '',
  });
  expect((await load(tree)).repositories[0]).toMatchObject({
    dagsFolders: [path.join(tree, 'workflows')],
    pluginsFolders: [path.join(tree, 'more/plugins')],
    pythonPath: ['more/plugins', 'workflows', '', 'lib'].map((name) => path.join(tree, name)),
  });
});

test('whole projects side by side are a repository each', async () => {
  const tree = await makeTree([
    '.git/',
    'one/dags/a.py',
    'one/Dockerfile',
    'two/dags/b.py',
    'two/Dockerfile',
  ]);
  expect((await load(tree)).repositories.map(({ name, layout }) => [name, layout])).toEqual([
    ['one', 'plain'],
    ['two', 'plain'],
  ]);
});

test("a DAG of one instance does not see the modules beside another instance's DAGs", async () => {
  const tree = await makeTree(['.git/', 'ml/dags/a.py', 'ml/config/artifacts.yaml', 'web/dags/b.py']);
  const [repository] = (await load(tree)).repositories;
  if (repository === undefined) throw new Error('no repository');
  expect(importPathForFile(repository, path.join(tree, 'ml/dags/a.py'))).toEqual([
    path.join(tree, 'ml/dags'),
    tree,
  ]);
  expect(importPathForFile(repository, path.join(tree, 'lib.py'))).toEqual(repository.pythonPath);
});

test('what was found is told in lines', async () => {
  const tree = await makeTree(['.git/', 'dags/a.py', 'plugins/p.py', 'shared/lib/__init__.py']);
  expect(describeLayout(await load(tree))).toEqual([
    `Project ${tree} (found by looking)`,
    'Airflow 3.3.2, postgres',
    `Repository ${path.basename(tree)}: dags/ with plugins/ and shared/`,
    '  DAGs    dags',
    '  plugins plugins',
    '  imports plugins, dags, shared, .',
  ]);
});

test('seed: may be a mapping, with files and what `up` does with them', async () => {
  const tree = await makeTree({ 'devenv.yaml': 'seed: {on_up: never, files: [a.yaml]}\n' });
  const project = await load(tree);
  expect(project.seedOnUp).toBe('never');
  expect(project.seed).toEqual([
    {
      path: path.join(tree, 'a.yaml'),
      namedAt: { file: path.join(tree, 'devenv.yaml'), line: 1, column: 30 },
    },
  ]);
  await writeFile(path.join(tree, 'devenv.yaml'), 'seed: {on_up: always}\n');
  expect(await load(tree)).toMatchObject({ seed: undefined, seedOnUp: 'always' });
});
