import path from 'node:path';
import { readFolder, readText } from '../folders.ts';
import type { FoundVersion } from './findPins.ts';
import { requirementsPins } from './requirementsPins.ts';

/**
 * The first line of a repository's requirements that pins a provider of before the end of 2024: nobody ran it on an
 * Airflow of after that. Undefined when there is none.
 */
export async function oldProviderPin(root: string): Promise<FoundVersion | undefined> {
  const { files, folders } = await readFolder(root);
  const parts = folders.has('requirements') ? await readFolder(path.join(root, 'requirements')) : undefined;
  const names = [...files, ...[...(parts?.files ?? [])].map((name) => `requirements/${name}`)];
  for (const name of names.filter(requirementsPins.reads).toSorted()) {
    const file = path.join(root, name);
    const lines = ((await readText(file)) ?? '').split('\n');
    for (const [index, line] of lines.entries()) {
      const [, provider = '', version = '', major = ''] = PIN.exec(line) ?? [];
      if (Number(major) < (FIRST_OF_2025[provider] ?? 0)) return { version, file, line: index + 1 };
    }
  }
  return undefined;
}

const PIN = /^\s*apache-airflow-providers-([\w-]+?)(?:\[[^\]]*\])?\s*==\s*((\d+)\.[\d.]+)/;

/** Provider -> the first major version that was released around the turn of the year 2024, with Airflow 2.10.5. */
const FIRST_OF_2025: Readonly<Record<string, number>> = {
  'amazon': 9,
  'cncf-kubernetes': 10,
  'dbt-cloud': 4,
  'google': 11,
  'http': 5,
  'jdbc': 5,
  'mysql': 6,
  'postgres': 6,
  'redis': 4,
  'sftp': 5,
  'slack': 9,
  'snowflake': 6,
  'sqlite': 4,
  'ssh': 4,
};
