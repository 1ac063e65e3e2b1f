import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AirflowApi } from '../airflow/restApi/airflowApi.ts';

/** A plugin of the author's that Airflow goes on without. */
export interface BrokenPlugin {
  /** Absolute. */
  readonly file: string;
  readonly line?: number | null;
  readonly message: string;
}

/**
 * What the scheduler, or the last `reload-dags`, could not load. Airflow keeps it in the memory of each process; our
 * Python side notes it: see `airflow_devenv/author_plugins.py`.
 */
export async function brokenPlugins(stateDirectory: string): Promise<readonly BrokenPlugin[]> {
  try {
    const text = await readFile(path.join(stateDirectory, 'broken-plugins.json'), 'utf8');
    const { version, errors } = JSON.parse(text) as { version: number; errors: readonly BrokenPlugin[] };
    return version === 1 ? errors : [];
  } catch {
    return [];
  }
}

/** Beside the import errors of DAG files those of plugins, which Airflow's API has not. */
export function withBrokenPlugins(api: AirflowApi, stateDirectory: string): AirflowApi {
  return {
    ...api,
    async importErrors(signal) {
      const [errors, plugins] = await Promise.all([api.importErrors(signal), brokenPlugins(stateDirectory)]);
      return [
        ...plugins.map(({ file, line, message }) => ({ file, text: traceOf(file, line, message) })),
        ...errors,
      ];
    },
  };
}

/** As Python writes it, so that what reads the place of an import error finds this one. */
function traceOf(file: string, line: number | null | undefined, message: string): string {
  const frame = line === undefined || line === null ? [] : [`  File "${file}", line ${line}, in <module>`];
  return [...frame, message].join('\n');
}
