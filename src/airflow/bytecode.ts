import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Context } from '../context.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import { step } from './step.ts';

/**
 * Compiles Airflow and what it depends on, which halves the time it takes to start. What else is installed is
 * compiled by Python when it is first imported: the Google provider alone brings twelve thousand modules, of which a
 * DAG needs a few. The file names in the bytecode are those under `destination`, where the environment is going to
 * be: otherwise each import would have to correct them.
 */
export async function compileBytecode(
  context: Context,
  directory: string,
  destination: string,
): Promise<void> {
  await step(context, { id: 'environment.compile', text: 'Compiling Python modules' }, async (update) => {
    const modules = modulesOfAirflow(path.join(directory, 'lib'));
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

/**
 * Makes the folders that Python would make for bytecode at the top of these packages: a package that gains one later
 * looks as if it had been changed.
 *
 * @param watched names of folders in `site-packages`.
 */
export function prepareBytecodeFolders(sitePackages: string, watched: readonly string[]): void {
  for (const name of ['.', ...watched])
    mkdirSync(path.join(sitePackages, name, '__pycache__'), { recursive: true });
}

/** From the packages' own lists of files: faster than a walk. Absolute paths. */
function modulesOfAirflow(lib: string): string[] {
  const packages = new Map(
    globSync(path.join(lib, 'python*', 'site-packages', '*.dist-info', 'METADATA')).map((file) => {
      const metadata = readFileSync(file, 'utf8');
      return [
        normalised(/^Name: (.*)$/m.exec(metadata)?.[1] ?? ''),
        { folder: path.dirname(file), metadata },
      ];
    }),
  );
  const reached = new Set(['apache-airflow']);
  const modules: string[] = [];
  for (const name of reached) {
    const found = packages.get(name);
    if (found === undefined) continue;
    modules.push(...listedModules(found.folder));
    for (const dependency of dependencies(found.metadata)) reached.add(dependency);
  }
  return modules;
}

/** Without those of extras. */
function dependencies(metadata: string): string[] {
  const lines = metadata.matchAll(/^Requires-Dist: ([A-Za-z0-9][\w.-]*)(.*)$/gm);
  return [...lines]
    .filter(([, , rest = '']) => !/\bextra\s*==/.test(rest))
    .map(([, name = '']) => normalised(name));
}

function listedModules(distInfo: string): string[] {
  const record = readFileSync(path.join(distInfo, 'RECORD'), 'utf8');
  const names = record.matchAll(/^([^",\n]+\.py),/gm);
  return [...names].map(([, name = '']) => path.join(path.dirname(distInfo), name));
}

function normalised(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '-');
}

/** In turns: neighbours are of like size. */
function shares(modules: readonly string[], count: number): string[][] {
  return Array.from({ length: count }, (_, share) =>
    modules.filter((_module, index) => index % count === share),
  );
}
