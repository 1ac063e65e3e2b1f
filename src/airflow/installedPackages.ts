import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectName } from './requirements.ts';

export interface InstalledPackage {
  /** Normalised, e.g. `apache-airflow`. */
  readonly name: string;
  readonly version: string;
  /** Names of the installed packages that require it, sorted; extras are not counted. */
  readonly requiredBy: readonly string[];
  /** Where it came from when that is no index: the address of a repository, a folder. */
  readonly origin: string | undefined;
}

/** What a virtual environment holds, by name, as its packages say themselves. */
export function installedPackages(directory: string): readonly InstalledPackage[] {
  const files = globSync(path.join(directory, 'lib', 'python*', 'site-packages', '*.dist-info', 'METADATA'));
  const found = files.map((file) => ({ folder: path.dirname(file), metadata: head(file) }));
  const requiredBy = new Map<string, string[]>();
  for (const { metadata } of found) {
    for (const [, required = '', rest = ''] of metadata.matchAll(
      /^Requires-Dist: ([A-Za-z0-9][\w.-]*)(.*)$/gm,
    )) {
      if (/\bextra\s*==/.test(rest)) continue;
      const name = projectName(required) ?? required;
      requiredBy.set(name, [...(requiredBy.get(name) ?? []), nameIn(metadata)]);
    }
  }
  return found
    .map(({ folder, metadata }) => ({
      name: nameIn(metadata),
      version: /^Version: (.*)$/m.exec(metadata)?.[1]?.trim() ?? '',
      requiredBy: (requiredBy.get(nameIn(metadata)) ?? []).toSorted(),
      origin: originIn(path.join(folder, 'direct_url.json')),
    }))
    .toSorted((left, right) => left.name.localeCompare(right.name));
}

/** The description of a package follows after an empty line. */
function head(file: string): string {
  return readFileSync(file, 'utf8').split(/\r?\n\r?\n/, 1)[0] ?? '';
}

function nameIn(metadata: string): string {
  const name = /^Name: (.*)$/m.exec(metadata)?.[1]?.trim() ?? '';
  return projectName(name) ?? name;
}

/** Without a name and a password in it. */
function originIn(file: string): string | undefined {
  try {
    const { url, vcs_info: vcs } = JSON.parse(readFileSync(file, 'utf8')) as {
      url: string;
      vcs_info?: { vcs: string; commit_id: string };
    };
    const address = url.replace(/\/\/[^/@]*@/, '//');
    return vcs === undefined ? address : `${vcs.vcs}+${address}@${vcs.commit_id}`;
  } catch {
    return undefined;
  }
}
