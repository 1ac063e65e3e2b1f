import path from 'node:path';
import { enclosingFolders } from '../findRoot.ts';
import { readFolder, readText } from '../folders.ts';

/**
 * The lock of a repository that holds this version of Airflow; absolute. It lies at its root, in `requirements/`, or
 * where the Git repository around it begins. A requirements file is a lock when it has hashes.
 *
 * @param installed files that are installed anyway: what they say is asked for, not a constraint.
 */
export async function findProjectLock(
  roots: readonly string[],
  airflowVersion: string,
  installed: readonly string[],
): Promise<string | undefined> {
  const version = String.raw`${airflowVersion.replaceAll('.', String.raw`\.`)}(?![\w.])`;
  const holds = new RegExp(ENTRIES.map((entry) => entry + version).join('|'), 'm');
  for (const root of roots) {
    for (const folder of [root, path.join(root, 'requirements'), ...(await enclosingFolders(root))]) {
      const { files } = await readFolder(folder);
      for (const name of [...files].filter((each) => LOCK.test(each)).toSorted(tools)) {
        const file = path.join(folder, name);
        if (installed.includes(file)) continue;
        const text = (await readText(file)) ?? '';
        if (holds.test(text) && (!name.endsWith('.txt') || /--hash[= ]/.test(text))) return file;
      }
    }
  }
  return undefined;
}

/** Airflow's entry up to its version: TOML, Pipenv's JSON, a requirement. */
const ENTRIES = [
  String.raw`^name = "apache-airflow"\r?\nversion = "`,
  String.raw`"apache-airflow":\s*\{[^{}]*"version":\s*"==`,
  String.raw`^apache-airflow(?:\[[^\]]*\])?==`,
];

const LOCK =
  /^(?:(?:uv|poetry|pdm|Pipfile)\.lock|pylock\.toml|(?:requirements|constraints|base|prod)[\w.-]*\.txt)$/;

/** Locks of tools before requirements files. */
function tools(left: string, right: string): number {
  return Number(left.endsWith('.txt')) - Number(right.endsWith('.txt')) || left.localeCompare(right);
}
