import path from 'node:path';
import { expect, test } from 'vitest';
import { checkMayRun, readTarget } from '../../src/commands/runTarget.ts';
import { loadProject } from '../../src/config/loadProject.ts';
import type { Context } from '../../src/context.ts';
import { DAG_FILE, makeTree } from '../config/tree.ts';

function contextIn(workingDirectory: string): Context {
  return { workingDirectory } as Context;
}

test('a file is known by its real path, whatever its name', async () => {
  const tree = await makeTree({ 'dags/a b.py': DAG_FILE, 'orders': DAG_FILE, 'link.py': '-> dags/a b.py' });
  expect(await readTarget(contextIn(tree), 'dags/a b.py')).toEqual({ file: path.join(tree, 'dags/a b.py') });
  expect(await readTarget(contextIn(tree), 'link.py')).toEqual({ file: path.join(tree, 'dags/a b.py') });
  expect(await readTarget(contextIn(tree), path.join(tree, 'orders'))).toEqual({
    file: path.join(tree, 'orders'),
  });
});

test('a word that is no file is a DAG id', async () => {
  const tree = await makeTree({ 'dags/a.py': DAG_FILE });
  for (const id of ['orders', 'team.orders', 'größe'])
    expect(await readTarget(contextIn(tree), id)).toEqual({ dagId: id });
});

test.each(['missing.py', 'dags/missing', 'dags'])('%s leads nowhere', async (target) => {
  const tree = await makeTree({ 'dags/a.py': DAG_FILE });
  await expect(readTarget(contextIn(tree), target)).rejects.toMatchObject({
    code: 'file_not_found',
    misuse: true,
  });
});

test.each([
  ['hostname', 'a machine'],
  ['notes.py', 'print(1)'],
])('%s, which says nothing of Airflow, is not run outside of a project', async (name, text) => {
  const tree = await makeTree({ [name]: text });
  const project = await loadProject({ env: {}, workingDirectory: tree });
  await expect(checkMayRun(path.join(tree, name), project)).rejects.toMatchObject({
    code: 'file_without_dag',
    misuse: true,
  });
});

test.each([
  ['orders', { orders: DAG_FILE }],
  ['ship.py', { 'ship.py': 'if __name__ == "__main__": pass' }],
  ['pack', { pack: 'PK\u0003\u0004' }],
  ['dags/factory.py', { 'dags/factory.py': 'from lib import make', 'dags/a.py': DAG_FILE }],
])('%s may be run', async (name, files: Record<string, string>) => {
  const tree = await makeTree(files);
  const project = await loadProject({ env: {}, workingDirectory: tree });
  await expect(checkMayRun(path.join(tree, name), project)).resolves.toBeUndefined();
});
