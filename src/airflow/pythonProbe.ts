import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import { pythonFolders } from './pythonFolders.ts';

export interface Interpreter {
  /** Absolute; the interpreter itself, not a shim or somebody's virtual environment. */
  readonly executable: string;
  /** E.g. `3.12.4`. */
  readonly version: string;
}

export interface InterpreterOptions {
  /** Start the ones that did not run last time, too: a pyenv shim may work by now. */
  readonly again?: boolean;
  /** Look where version managers keep theirs, and not on PATH. */
  readonly beside?: boolean;
}

/**
 * The interpreters on PATH of the given minor versions (`3.12`) that really run, in PATH order. Each program is
 * started once and its answer kept, keyed by path and modification time: asking again starts nothing.
 */
export async function findInterpreters(
  context: Context,
  minors: readonly string[],
  options: InterpreterOptions = {},
): Promise<Interpreter[]> {
  const { again = false, beside = false } = options;
  const file = path.join(cacheDirectory(context), 'interpreters.json');
  const known = readProbes(file);
  const programs = beside ? programsBesidePath(context, minors) : programsOnPath(context, minors);
  const unknown = programs.filter((program) => {
    const probe = known[program.path];
    return probe?.modified !== program.modified || !isIntact(probe) || (again && probe.executable === '');
  });
  if (unknown.length > 0) {
    const probes = await Promise.all(
      unknown.map(async (each) => [each.path, await probe(context, each)] as const),
    );
    Object.assign(known, Object.fromEntries(probes));
    // Only saves time: a cache that can't be written is reported by who needs it.
    await writeFileAtomic(file, JSON.stringify({ version: 1, probes: known })).catch(() => {});
  }
  return programs
    .map((program) => known[program.path])
    .filter((found) => found !== undefined)
    .filter((found) => found.executable !== '' && minors.includes(minorOf(found.version)));
}

/** `3.12` of `3.12.4`. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

interface Program {
  readonly path: string;
  readonly modified: number;
}

/** `executable` is empty for a program that did not run. */
interface Probe extends Interpreter {
  readonly modified: number;
}

function readProbes(file: string): Record<string, Probe> {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as {
      version: number;
      probes: Record<string, Probe>;
    };
    return value.version === 1 ? value.probes : {};
  } catch {
    return {};
  }
}

/** What a shim led to may have been removed since. */
function isIntact(probe: Probe): boolean {
  return probe.executable === '' || statSync(probe.executable, { throwIfNoEntry: false }) !== undefined;
}

function programsOnPath(context: Context, minors: readonly string[]): readonly Program[] {
  const names = [...minors.map((minor) => `python${minor}`), 'python3'];
  const folders = new Set(
    (context.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)),
  );
  return names.flatMap((name) =>
    [...folders].flatMap((folder) => {
      const file = path.join(folder, name);
      const stat = fileStat(file);
      return stat?.isFile() === true ? [{ path: file, modified: stat.mtimeMs }] : [];
    }),
  );
}

function programsBesidePath(context: Context, minors: readonly string[]): readonly Program[] {
  return minors.flatMap((minor) =>
    pythonFolders(context, minor).flatMap((folder) => {
      const file = path.join(folder, `python${minor}`);
      const stat = fileStat(file);
      return stat?.isFile() === true ? [{ path: file, modified: stat.mtimeMs }] : [];
    }),
  );
}

/** Folders on PATH may be missing, forbidden, or files. */
function fileStat(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const SCRIPT = `import json, sys
executable = getattr(sys, "_base_executable", None) or sys.executable
cpython = sys.implementation.name == "cpython"
print(json.dumps([executable if cpython else "", "%d.%d.%d" % sys.version_info[:3]]))`;

async function probe(context: Context, program: Program): Promise<Probe> {
  try {
    const { stdout } = await runCommand(program.path, ['-I', '-c', SCRIPT], {
      env: cleanEnvironment(context.env),
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(20_000)]),
    });
    const [executable, version] = JSON.parse(stdout) as [string, string];
    return { executable, version, modified: program.modified };
  } catch {
    context.signal.throwIfAborted();
    return { executable: '', version: '', modified: program.modified };
  }
}
