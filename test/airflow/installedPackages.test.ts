import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { exportLines } from '../../src/airflow/environmentExport.ts';
import { installedPackages } from '../../src/airflow/installedPackages.ts';
import { packageDifferences } from '../../src/airflow/packageDifferences.ts';

async function environmentWith(
  packages: Record<string, { requires?: string[]; url?: object }>,
): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'packages-'));
  for (const [name, { requires = [], url }] of Object.entries(packages)) {
    const folder = path.join(directory, 'lib/python3.11/site-packages', `${name}-1.0.dist-info`);
    await mkdir(folder, { recursive: true });
    const lines = requires.map((each) => `Requires-Dist: ${each}\n`).join('');
    await writeFile(path.join(folder, 'METADATA'), `Name: ${name}\nVersion: 1.0\n${lines}\nName: no more\n`);
    if (url !== undefined) await writeFile(path.join(folder, 'direct_url.json'), JSON.stringify(url));
  }
  return directory;
}

test('packages say who asks for them, and where they come from without a password', async () => {
  const directory = await environmentWith({
    'Apache_Airflow': { requires: ['Zope.Event>=1', "extra-only; extra == 'x'"] },
    'zope.event': {},
    'mine': { url: { url: 'https://me:secret@host/mine.git', vcs_info: { vcs: 'git', commit_id: 'abc' } } },
  });
  const packages = installedPackages(directory);
  expect(packages).toEqual([
    { name: 'apache-airflow', version: '1.0', requiredBy: [], origin: undefined },
    { name: 'mine', version: '1.0', requiredBy: [], origin: 'git+https://host/mine.git@abc' },
    { name: 'zope-event', version: '1.0', requiredBy: ['apache-airflow'], origin: undefined },
  ]);
  const environment = { airflowVersion: '2.11.2', pythonVersion: '3.11.7' };
  expect(exportLines(environment, packages, 'constraints')).toEqual([
    'apache-airflow==1.0',
    'zope-event==1.0',
  ]);
  expect(exportLines(environment, packages, 'requirements')).toContain(
    'mine @ git+https://host/mine.git@abc',
  );
  expect(exportLines(environment, packages, 'dockerfile')[0]).toBe('FROM apache/airflow:2.11.2-python3.11');
});

test('what differs has a version on either side, or on one', () => {
  const here = new Map([
    ['a', '1'],
    ['b', '1'],
    ['c', '1'],
  ]);
  const there = new Map([
    ['a', '1'],
    ['b', '2'],
    ['d', '1'],
  ]);
  expect(packageDifferences(here, there)).toEqual([
    { name: 'b', here: '1', there: '2' },
    { name: 'c', here: '1', there: undefined },
    { name: 'd', here: undefined, there: '1' },
  ]);
  expect(packageDifferences(here, there, true).map(({ name }) => name)).toEqual(['b']);
});
