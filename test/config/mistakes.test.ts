import path from 'node:path';
import { expect, test } from 'vitest';
import { loadProject } from '../../src/config/loadProject.ts';
import { DevenvError } from '../../src/errors.ts';
import { makeTree } from './tree.ts';

/** The error for this text, its path replaced by what it is relative to. */
async function mistakeIn(text: string, files: Record<string, string> = {}) {
  const root = await makeTree({ 'devenv.yaml': text, 'dags/a.py': '', ...files });
  const error: unknown = await loadProject({ env: {}, workingDirectory: root }).catch(
    (caught: unknown) => caught,
  );
  if (!(error instanceof DevenvError)) throw new Error(`expected a DevenvError, got ${String(error)}`);
  expect(error.misuse).toBe(true);
  expect(error.location?.file).toBe(path.join(root, 'devenv.yaml'));
  const short = (line: string | undefined) => line?.replaceAll(root, '<root>');
  return {
    code: error.code,
    at: `${error.location?.line}:${error.location?.column}`,
    what: short(error.what),
    why: short(error.why),
    next: error.next.map(short),
  };
}

test('an unknown key at the top names all keys and the nearest', async () => {
  expect(await mistakeIn('airfow:\n  version: 3.3.2\n')).toEqual({
    code: 'config_unknown_key',
    at: '1:1',
    what: 'There is no key "airfow" at the top level.',
    why: 'Allowed there: airflow, repositories, database, seed, hdfs, spark, kubernetes, artifacts, required.',
    next: ['Did you mean airflow?'],
  });
});

test('an unknown key in a list item is found where it stands', async () => {
  expect(await mistakeIn('repositories:\n  - .\n  - {path: ., pythonpaht: [lib]}\n')).toEqual({
    code: 'config_unknown_key',
    at: '3:15',
    what: 'There is no key "pythonpaht" in repositories[1].',
    why: 'Allowed there: path, name, pythonpath, dags, plugins.',
    next: ['Did you mean pythonpath?'],
  });
});

test('a missing key is told at the mapping that lacks it', async () => {
  expect(await mistakeIn('repositories:\n  - {name: x}\n')).toMatchObject({
    code: 'config_missing_key',
    at: '2:5',
    what: 'repositories[0] has no key "path".',
  });
});

test('a wrong choice names the choices and the nearest', async () => {
  expect(await mistakeIn('database: postgress\n')).toMatchObject({
    code: 'config_wrong_value',
    at: '1:11',
    what: 'database can\'t be "postgress".',
    why: 'Allowed: postgres, sqlite.',
    next: ['Did you mean postgres?'],
  });
});

test('a version that is too short says what a version is', async () => {
  expect(await mistakeIn('airflow: {version: 3.10}')).toMatchObject({
    code: 'config_wrong_value',
    at: '1:20',
    what: 'airflow.version can\'t be "3.10".',
    why: 'It must be a full version number such as 3.3.2.',
  });
});

test.each([
  ['airflow: [3.3.2]', '1:10', 'airflow is a list.', 'It must be a mapping.'],
  ['airflow:', '1:9', 'airflow is empty.', 'It must be a mapping.'],
  ['seed: 3', '1:7', 'seed is a number.', 'It must be text, a list, or a mapping.'],
  ['seed: {on_up: often}', '1:15', 'seed.on_up can\'t be "often".', 'Allowed: always, missing, never.'],
  ['repositories: [[.]]', '1:16', 'repositories[0] is a list.', 'It must be text or a mapping.'],
  ['repositories: []', '1:15', "repositories can't be an empty list.", 'It must be at least one repository.'],
  ['- a', '1:1', 'The file is a list.', 'It must be a mapping.'],
  ['just text', '1:1', 'The file is text.', 'It must be a mapping.'],
  ['required: {variables: [a, 1]}', '1:27', 'required.variables[1] is a number.', 'It must be text.'],
])('%s: the type found and the type allowed', async (text, at, what, why) => {
  expect(await mistakeIn(text)).toMatchObject({ at, what, why });
});

test('a section of the configuration needs its option, told at the key', async () => {
  expect(await mistakeIn('airflow:\n  config:\n    core: {parallelism: 4}\n')).toMatchObject({
    code: 'config_wrong_value',
    at: '3:5',
    what: '"core" can\'t be a key of airflow.config.',
  });
});

test('a wrong value of an environment variable is not repeated', async () => {
  const mistake = await mistakeIn('airflow: {env: {TOKEN: [hunter2]}}');
  expect(mistake).toMatchObject({ code: 'config_wrong_type', what: 'airflow.env.TOKEN is a list.' });
  expect(JSON.stringify(mistake)).not.toContain('hunter2');
});

test('a duplicate key is told where it is there again', async () => {
  expect(await mistakeIn('airflow: {version: 3.3.2}\nseed: a\nairflow: {python: "3.12"}\n')).toMatchObject({
    code: 'config_duplicate_key',
    at: '3:1',
    what: 'The key "airflow" is there twice in the same mapping.',
  });
});

test('what is not YAML is told with its place and without what stands there', async () => {
  const mistake = await mistakeIn('airflow:\n  env: {TOKEN: "hunter2\n');
  expect(mistake).toMatchObject({ code: 'config_syntax' });
  expect(mistake.at).toMatch(/^[23]:/);
  expect(JSON.stringify(mistake)).not.toContain('hunter2');
  expect(await mistakeIn('airflow:\n\tversion: 3.3.2\n')).toMatchObject({ code: 'config_syntax', at: '2:1' });
  expect(await mistakeIn('seed: *nowhere\n')).toMatchObject({ code: 'config_syntax' });
  expect(await mistakeIn('seed: !vault x\n')).toMatchObject({ code: 'config_syntax', at: '1:7' });
});

test('several mistakes: the first in full, the others each with its place', async () => {
  expect(await mistakeIn('database: mysql\nartifcts: a.yaml\nairflow: {version: three}\n')).toEqual({
    code: 'config_wrong_value',
    at: '1:11',
    what: 'database can\'t be "mysql".',
    why: 'Allowed: postgres, sqlite.',
    next: [
      'devenv.yaml:2:1: There is no key "artifcts" at the top level. Did you mean artifacts?',
      'devenv.yaml:3:20: airflow.version can\'t be "three". It must be a full version number such as 3.3.2.',
    ],
  });
});

test('keys of other tools that would have no effect are refused with the reason', async () => {
  expect(await mistakeIn('airflow: {version: 3.3.2}\nimage: apache/airflow:3.3.2\n')).toMatchObject({
    code: 'config_unknown_key',
    at: '2:1',
    what: '"image" would have no effect.',
  });
  expect(await mistakeIn('runtime: docker\n')).toMatchObject({
    what: '"runtime" would have no effect.',
    why: 'Services are processes of this machine; there is no other runtime.',
  });
});

test('a mistake behind an alias or a merge still has a place', async () => {
  expect(await mistakeIn('airflow: &a {verson: 3.3.2}\n')).toMatchObject({ at: '1:14' });
  expect(await mistakeIn('hdfs: &a {nameservice: x}\nspark: *a\n')).toMatchObject({
    code: 'config_unknown_key',
    what: 'There is no key "nameservice" in spark.',
  });
  expect(await mistakeIn('hdfs: &a {nameservice: x}\nspark: {<<: *a}\n')).toMatchObject({ at: '2:1' });
});

test('paths that are not there are told with their place and the nearest name', async () => {
  const files = { 'requirements.txt': '', 'libs/': '' };
  expect(await mistakeIn('airflow: {requirements: [requirments.txt]}', files)).toMatchObject({
    code: 'config_path_not_found',
    at: '1:26',
    what: 'There is no file <root>/requirments.txt.',
    next: ['Did you mean requirements.txt?'],
  });
  expect(await mistakeIn('repositories:\n  - path: .\n    pythonpath: lib\n', files)).toMatchObject({
    at: '3:17',
    what: 'There is no folder <root>/lib.',
    next: ['Did you mean libs?'],
  });
  expect(await mistakeIn('repositories: [{path: gone, dags: x}]')).toMatchObject({ at: '1:23', next: [] });
  expect(await mistakeIn('repositories: [dags/a.py]')).toMatchObject({
    what: '<root>/dags/a.py is not a folder.',
  });
});

test('a repository that is listed twice', async () => {
  expect(await mistakeIn('repositories:\n  - .\n  - path: ./dags/..\n')).toMatchObject({
    code: 'config_duplicate_repository',
    at: '3:5',
  });
});

test('a file named by hand that is not there', async () => {
  const root = await makeTree(['dags/a.py']);
  const loading = loadProject({ env: {}, workingDirectory: root }, { configFile: 'mine.yaml' });
  await expect(loading).rejects.toMatchObject({ code: 'config_not_found', misuse: true });
});

test('a file that opens brackets without end has one mistake', async () => {
  const mistake = await mistakeIn('['.repeat(2000));
  expect(mistake).toMatchObject({ code: 'config_syntax' });
  expect(mistake.next.length).toBeLessThan(3);
});
