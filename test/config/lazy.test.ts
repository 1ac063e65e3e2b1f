import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { makeTree } from './tree.ts';

test('without devenv.yaml neither zod nor yaml is loaded', async () => {
  const root = await makeTree(['.git/', 'dags/a.py']);
  const loadProject = new URL('../../src/config/loadProject.ts', import.meta.url).href;
  // A loader hook that fails on both, in a process of its own: this one has them already.
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === 'zod' || name === 'yaml') throw new Error(name + ' was loaded');
      return next(name, context);
    } });
    const { loadProject } = await import(${JSON.stringify(loadProject)});
    const project = await loadProject({ env: {}, workingDirectory: ${JSON.stringify(root)} });
    process.stdout.write(project.repositories[0].layout);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(output).toBe('plain');
});
