import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import { step } from './step.ts';

/**
 * Compiles every module of a virtual environment, which halves the time Airflow takes to start. The file names
 * in the bytecode are those under `destination`, where the environment is going to be: otherwise each import
 * would have to correct them.
 */
export async function compileBytecode(
  context: Context,
  directory: string,
  destination: string,
): Promise<void> {
  await step(context, { id: 'environment.compile', text: 'Compiling Python modules' }, async (update) => {
    const total = installedModules(path.join(directory, 'lib'));
    let current = 0;
    const args = [
      '-I',
      '-m',
      'compileall',
      '-j',
      '0',
      '-s',
      directory,
      '-p',
      destination,
      path.join(directory, 'lib'),
    ];
    await runCommand(path.join(directory, 'bin', 'python'), args, {
      env: cleanEnvironment(context.env),
      signal: context.signal,
      // Some packages carry templates and tests that are no valid Python.
      allowFailure: true,
      onLine: (line) => {
        if (!line.startsWith('Compiling ')) return;
        current += 1;
        if (current % REPORT_EVERY === 0) update({ current, total });
      },
    });
  });
}

const REPORT_EVERY = 250;

/** Counted from the packages' own lists of files: faster than a walk. */
function installedModules(lib: string): number {
  const records = globSync(path.join(lib, 'python*', 'site-packages', '*.dist-info', 'RECORD'));
  return records.reduce((sum, file) => sum + (readFileSync(file, 'utf8').match(/\.py,/g)?.length ?? 0), 0);
}
