import { copyFileSync, linkSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { verifyEnvironment } from './environmentManifest.ts';
import type { EnvironmentPlan } from './environmentPlan.ts';
import { keptEnvironments } from './keptEnvironments.ts';
import { minorOf } from './pythonProbe.ts';
import { projectName } from './requirements.ts';

/**
 * Puts the packages and the bytecode of a kept environment that holds most of what is wanted into a new one, as hard
 * links: installing the difference is much less than installing everything. Nothing that installs packages writes into
 * a file that is there, so neither environment sees what happens to the other.
 *
 * @param lines of requirements, `name==version`.
 * @param directory a virtual environment without packages.
 * @returns whether it did.
 */
export async function linkKept(
  context: Context,
  plan: EnvironmentPlan,
  lines: readonly string[],
  directory: string,
): Promise<boolean> {
  const kept = mostAlike(context, plan, lines);
  if (kept === undefined) return false;
  const { missing, changed } = await verifyEnvironment({ directory: kept });
  if (missing.length + changed.length > 0) return false;
  const sitePackages = path.join(directory, 'lib', `python${plan.pythonMinor}`, 'site-packages');
  const own = entries(sitePackages);
  try {
    linkTree(kept, directory);
    return true;
  } catch {
    // It may have been removed meanwhile, or the file system has no such links. A part of a package is worse than none.
    for (const name of readdirSync(sitePackages).filter((each) => !own.has(each)))
      rmSync(path.join(sitePackages, name), { recursive: true });
    return false;
  }
}

/** Removing what is not wanted costs as much as what is saved: the greatest difference counts. */
function mostAlike(context: Context, plan: EnvironmentPlan, lines: readonly string[]): string | undefined {
  const wanted = new Set(lines.map((line) => line.split(/\s*[;#]/, 1)[0]?.trim()));
  let best: { directory: string; gain: number } | undefined;
  for (const { directory, pythonVersion } of keptEnvironments(context)) {
    if (minorOf(pythonVersion) !== plan.pythonMinor) continue;
    const pins = installedPins(directory, plan.pythonMinor);
    const shared = pins.filter((pin) => wanted.has(pin)).length;
    const gain = shared - (pins.length - shared);
    if (gain > wanted.size / 2 && gain > (best?.gain ?? 0)) best = { directory, gain };
  }
  return best?.directory;
}

/** From the names of folders alone: `name==version`. */
function installedPins(directory: string, pythonMinor: string): readonly string[] {
  let names: string[];
  try {
    names = readdirSync(path.join(directory, 'lib', `python${pythonMinor}`, 'site-packages'));
  } catch {
    return [];
  }
  const found = names.map((name) => /^(.+)-([^-]+)\.dist-info$/.exec(name));
  return found.flatMap((match) =>
    match === null ? [] : [`${projectName(match[1] ?? '') ?? ''}==${match[2] ?? ''}`],
  );
}

/** What is there already stays: the interpreter's links and `pyvenv.cfg` are of the new environment. */
function linkTree(from: string, to: string): void {
  const visit = (relative: string, there: ReadonlySet<string>): void => {
    for (const entry of readdirSync(path.join(from, relative), { withFileTypes: true })) {
      if (relative === '' && (entry.name.startsWith('.') || OWN_FILES.has(entry.name))) continue;
      const name = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const [source, target] = [`${from}/${name}`, `${to}/${name}`];
      if (entry.isDirectory()) {
        if (!there.has(entry.name)) mkdirSync(target);
        visit(name, there.has(entry.name) ? entries(target) : NONE);
      } else if (there.has(entry.name)) continue;
      else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
      // Programs are few, and some installers write into them instead of replacing them.
      else if (relative === 'bin') copyFileSync(source, target);
      else linkSync(source, target);
    }
  };
  visit('', entries(to));
}

const NONE: ReadonlySet<string> = new Set();
const OWN_FILES = new Set(['environment.json', 'manifest.txt', 'pyvenv.cfg']);

function entries(folder: string): ReadonlySet<string> {
  return new Set(readdirSync(folder));
}
