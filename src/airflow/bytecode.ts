import { globSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { feedProcess } from '../platform/fedProcess.ts';
import { cleanEnvironment } from './childEnvironment.ts';

/**
 * Compiles Airflow and what it depends on, at a low priority, while this process does something else: the first
 * run imports half of these modules, and Python compiles what it imports. The rest is for what is started next. What
 * else is installed is compiled when it is first imported: the Google provider alone brings twelve thousand modules, of
 * which a DAG needs a few.
 */
export function compileInBackground(context: Pick<Context, 'env' | 'signal'>, directory: string): void {
  feedProcess(path.join(directory, 'bin', 'python'), ['-I', '-c', SCRIPT], {
    env: cleanEnvironment(context.env),
    lines: modulesOfAirflow(path.join(directory, 'lib')),
    signal: context.signal,
  });
}

/** Some packages carry templates and tests that are no valid Python. */
const SCRIPT = `import compileall, os, sys
os.nice(10)
for line in sys.stdin:
    compileall.compile_file(line.rstrip("\\n"), quiet=2)
    print(flush=True)`;

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
