import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadProject, pinsAirflow, projectByLooking } from '../../src/config/loadProject.ts';
import { starterConfig } from '../../src/config/starterConfig.ts';
import { makeTree as tree } from './tree.ts';

test.for<[name: string, files: Record<string, string>]>([
  ['plain', { 'dags/orders.py': '' }],
  ['with a pin', { 'dags/orders.py': '', 'requirements.txt': 'apache-airflow==2.11.2\n' }],
  ['instances', { 'sales/dags/a.py': '', 'sales/config/artifacts.yaml': '', 'ml/dags/b.py': '' }],
  ['odd names', { '.git/config': '', 'größe # 1/dags/a.py': '', 'größe # 1/plugins/p.py': '' }],
])('%s: the file configures what no file would', async ([, files]) => {
  const root = await tree(files);
  const looked = await projectByLooking(root);
  const text = starterConfig(looked, { pinned: pinsAirflow(looked), schema: undefined });
  await writeFile(path.join(looked.root, 'devenv.yaml'), text);
  const read = await loadProject({ env: {}, workingDirectory: looked.root });
  const { found: _found, ...airflow } = looked.airflow;
  expect(read).toEqual({ ...looked, airflow, configFile: path.join(looked.root, 'devenv.yaml') });
});

test('who pins Airflow reads it, and editors are told the schema', async () => {
  const root = await tree({ 'dags/orders.py': '', 'requirements.txt': 'apache-airflow==2.11.2\n' });
  const text = starterConfig(await projectByLooking(root), { pinned: true, schema: './schema.json' });
  expect(text).toContain('  version: 2.11.2 # as the repository pins it\n');
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/);
});
