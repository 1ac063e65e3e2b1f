import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AirflowLine } from './project.ts';

const FOLDERS: Readonly<Record<AirflowLine, readonly string[]>> = {
  '3.3.2': ['airflow/example_dags', 'airflow/providers/standard/example_dags'],
  // The standard provider's examples there are written for 3.x and have the ids of the core's.
  '2.11.2': ['airflow/example_dags'],
};

const PLUGIN_MODULES: Readonly<Record<AirflowLine, readonly string[]>> = {
  '3.3.2': [
    'workday',
    'decreasing_priority_weight_strategy',
    'business_day_window',
    'custom_partition_mapper',
    'custom_partition_timetable',
  ],
  '2.11.2': ['workday', 'decreasing_priority_weight_strategy'],
};

/** Airflow's example DAGs of an installed package, as the files of a project: relative name -> content. */
export async function exampleFiles(
  environmentDirectory: string,
  line: AirflowLine,
): Promise<Record<string, string>> {
  const library = path.join(environmentDirectory, 'lib');
  const python = (await readdir(library)).find((name) => name.startsWith('python')) ?? 'python3';
  const files: Record<string, string> = { 'plugins/example_plugins.py': pluginsOf(line) };
  for (const folder of FOLDERS[line]) {
    const source = path.join(library, python, 'site-packages', folder);
    const target = folder.includes('standard') ? 'dags/standard' : 'dags/core';
    for (const name of await readdir(source, { recursive: true })) {
      if (!/\.(py|sql)$/.test(name) || /^(plugins|libs)\//.test(name)) continue;
      files[path.join(target, name)] = await readFile(path.join(source, name), 'utf8');
    }
  }
  return files;
}

/** The DAGs import these classes from the package, so the plugin must register the very same ones. */
function pluginsOf(line: AirflowLine): string {
  const imports = PLUGIN_MODULES[line].map(
    (name) =>
      `from airflow.example_dags.plugins.${name} import *  # noqa: F403\n` +
      `import airflow.example_dags.plugins.${name} as _${name}\n` +
      `globals().update({k: v for k, v in vars(_${name}).items() if k.endswith("Plugin") and k != "AirflowPlugin"})\n`,
  );
  return `from airflow.plugins_manager import AirflowPlugin  # noqa: F401\n${imports.join('')}`;
}
