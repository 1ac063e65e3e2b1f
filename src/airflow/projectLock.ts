import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EnvironmentPlan } from './environmentPlan.ts';
import { readPins } from './locks.ts';
import { projectName } from './requirements.ts';

/** A version of every package that the release, or the author's own lock before it, says one of. */
export function constraintsOf(
  plan: Pick<EnvironmentPlan, 'lock' | 'projectLock' | 'pythonMinor'>,
): ReadonlyMap<string, string> {
  const release = readPins(plan.lock.file, plan.pythonMinor);
  if (plan.projectLock === undefined) return release;
  return new Map([...release, ...readProjectLock(plan.projectLock)]);
}

/**
 * Project name -> version of every package in a lock of the author's: `uv.lock`, `poetry.lock`, `pdm.lock`,
 * `pylock.toml`, `Pipfile.lock`, or a requirements file of exact versions. A package that is locked with several
 * versions, for several platforms, is left out. Synchronous: it is part of every warm start.
 */
export function readProjectLock(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(file, 'utf8');
  const patterns =
    path.basename(file) === 'Pipfile.lock' ? [PIPFILE] : file.endsWith('.txt') ? [PINNED] : [TOML];
  const versions = new Map<string, string | undefined>();
  for (const pattern of patterns) {
    for (const [, written = '', version = ''] of text.matchAll(pattern)) {
      const name = projectName(written) ?? written;
      versions.set(name, versions.has(name) && versions.get(name) !== version ? undefined : version);
    }
  }
  return new Map([...versions].filter((entry): entry is [string, string] => entry[1] !== undefined));
}

const TOML = /^name = "([^"]+)"\r?\nversion = "([^"]+)"/gm;
const PIPFILE = /"([\w.-]+)":\s*\{[^{}]*?"version":\s*"==([^"]+)"/g;
const PINNED = /^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;#\\]+)/gm;
