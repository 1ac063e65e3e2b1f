import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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
    const modules = installedModules(path.join(directory, 'lib'));
    let current = 0;
    const python = path.join(directory, 'bin', 'python');
    // `-j 0` would do the same with a pool, whose workers wait for ever when it is killed.
    const args = ['-I', '-m', 'compileall', '-s', directory, '-p', destination, '-i', '-'];
    const compile = (share: readonly string[]): Promise<unknown> =>
      runCommand(python, args, {
        env: cleanEnvironment(context.env),
        signal: context.signal,
        input: share.join('\n'),
        // Some packages carry templates and tests that are no valid Python.
        allowFailure: true,
        onLine: (line) => {
          if (!line.startsWith('Compiling ')) return;
          current += 1;
          if (current % REPORT_EVERY === 0) update({ current, total: modules.length });
        },
      });
    await Promise.all(shares(modules, availableParallelism()).map(compile));
  });
}

const REPORT_EVERY = 250;

/** From the packages' own lists of files: faster than a walk. Absolute paths. */
function installedModules(lib: string): string[] {
  const records = globSync(path.join(lib, 'python*', 'site-packages', '*.dist-info', 'RECORD'));
  return records.flatMap((record) => {
    const folder = path.dirname(path.dirname(record));
    const names = readFileSync(record, 'utf8').matchAll(/^([^",\n]+\.py),/gm);
    return [...names].map(([, name = '']) => path.join(folder, name));
  });
}

/** In turns: neighbours are of like size. */
function shares(modules: readonly string[], count: number): string[][] {
  return Array.from({ length: count }, (_, share) =>
    modules.filter((_module, index) => index % count === share),
  );
}
