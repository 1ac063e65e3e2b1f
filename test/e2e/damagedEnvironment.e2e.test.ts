import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacheDirectory } from '../../src/platform/paths.ts';
import { oneTaskDag } from './support/dags.ts';
import { dagRunStates } from './support/inspect.ts';
import { createProject } from './support/project.ts';

test('half of the virtual environment is deleted: the next run repairs it, and the history is all there', async () => {
  // Of the shared cache only names are copied, so that nothing is downloaded and nothing of it is damaged.
  const parent = await mkdtemp(path.join(tmpdir(), 'devenv-cache-'));
  const cache = path.join(parent, 'cache');
  await mkdir(path.join(cache, 'environments'), { recursive: true });
  const shared = cacheDirectory({ env: process.env, platform: process.platform });
  for (const name of readdirSync(shared).filter((each) => each !== 'environments'))
    execFileSync('cp', ['-al', path.join(shared, name), cache]);
  const built = path.basename(process.env['DEVENV_TEST_AIRFLOW_3'] ?? '');
  execFileSync('cp', ['-al', path.join(shared, 'environments', built), path.join(cache, 'environments')]);

  const files = { 'dags/good.py': oneTaskDag('good', 'return 42') };
  await using project = await createProject({ airflow: '3.3.2', files });
  const env = { AIRFLOW_DEVENV_CACHE: cache };
  try {
    expect((await project.runDag(['dags/good.py'], { env })).code).toBe(0);
    const sitePackages = path.join(cache, 'environments', built, 'lib/python3.11/site-packages');
    for (const [index, name] of readdirSync(sitePackages).entries())
      if (index % 2 === 0) rmSync(path.join(sitePackages, name), { recursive: true, force: true });
    const result = await project.devenv(['run-dag', 'dags/good.py'], { env, timeout: 280_000 });
    expect([result.code, result.stderr]).toEqual([0, expect.stringContaining('is damaged')]);
    expect(result.stdout).toContain('returned by work: 42');
    expect(await dagRunStates(project, '3.3.2')).toEqual(['good success', 'good success']);
  } finally {
    await project.devenv(['down', '--all'], { env });
    await rm(parent, { recursive: true, force: true });
  }
});
