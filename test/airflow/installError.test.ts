import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { planEnvironment } from '../../src/airflow/environmentPlan.ts';
import { installError } from '../../src/airflow/installError.ts';
import { readPins } from '../../src/airflow/locks.ts';
import type { DevenvError } from '../../src/errors.ts';
import { testContext, type TestContext } from './testContext.ts';

let context: TestContext;
let file: string;
beforeEach(async () => {
  context = await testContext();
  file = path.join(context.cache, 'requirements.txt');
});

async function errorFor(requirements: string, stderr: string): Promise<DevenvError> {
  await writeFile(file, requirements);
  const plan = planEnvironment(context, { airflowVersion: '3.3.2', requirements: [file] }, '3.11')!;
  return installError(plan, `Using Python 3.11.7 environment at: x\n${stderr}`);
}

test('a conflict with the lock names the line, the version of the constraints and what uv said', async () => {
  const plan = planEnvironment(context, { airflowVersion: '3.3.2', requirements: [] }, '3.11')!;
  const pinned = readPins(plan.lock.file, '3.11').get('pandas');
  const said = `error: No solution found when resolving dependencies
  cause: Because you require pandas==${pinned} and pandas==1.5.0, we can conclude that your requirements are unsatisfiable.`;
  const error = await errorFor('cowsay\n\npandas == 1.5.0  # old\n', said);
  expect(error).toMatchObject({
    code: 'requirements_conflict',
    what: `The requirement "pandas == 1.5.0" does not fit Airflow 3.3.2 on Python 3.11.`,
    why: said,
    location: { file, line: 3 },
    next: [
      `A bound that allows pandas ${pinned} fits Airflow: the constraints of 3.3.2 have it`,
      expect.stringContaining('Loosen the version'),
      expect.stringContaining('airflow.version'),
    ],
    misuse: true,
  });
});

test('a conflict that a locked package causes indirectly names the line that brings it in', async () => {
  const said = `error: No solution found when resolving dependencies
  cause: Because cowsay==6.1 depends on pandas<2 and you require pandas==3.1.1, we can conclude that cowsay==6.1 cannot be used.
         And because you require cowsay==6.1, we can conclude that your requirements are unsatisfiable.`;
  const error = await errorFor('requests\ncowsay==6.1\n', said);
  expect(error).toMatchObject({ code: 'requirements_conflict', location: { file, line: 2 } });
});

test.each([
  [
    'error: Request failed after 3 retries\n  cause: error sending request for url (https://x/)',
    'packages_unreachable',
  ],
  ['error: Failed to install: x\n  cause: No space left on device (os error 28)', 'disk_full'],
  ['error: something new', 'environment_install_failed'],
])('%j is %s', async (said, code) => {
  expect(await errorFor('requests\n', said)).toMatchObject({ code, why: said });
});

test('a failed build names the package and its line', async () => {
  const said =
    '  × Failed to build `pyodbc==5.1.0`\n  ├─▶ The build backend returned an error\n  ╰─▶ gcc not found';
  expect(await errorFor('requests\npyodbc==5.1.0\n', said)).toMatchObject({
    code: 'requirement_build_failed',
    location: { file, line: 2 },
    what: expect.stringContaining('pyodbc has no ready-made wheel'),
  });
});

test('what an index refuses is named with the line that asks for it', async () => {
  const said = `error: No solution found when resolving dependencies
  cause: Because cowsay was not found in the package registry and you require cowsay, we can conclude that your requirements are unsatisfiable.
hint: An index URL (http://me:s3cret@host/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)`;
  const error = await errorFor('requests\ncowsay\n', said);
  expect(error).toMatchObject({ code: 'index_unauthorized', location: { file, line: 2 } });
  expect(error.why).not.toContain('s3cret');
});
