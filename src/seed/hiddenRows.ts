import { readMemory } from './seedMemory.ts';
import { shadowingVariable } from './shadowing.ts';

/**
 * Environment variables that Airflow reads instead of rows that were seeded.
 *
 * @param env what a run gets: of `devenv.yaml`, the shell and `--env-file`.
 */
export async function hiddenRows(
  stateDirectory: string,
  database: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  if (!Object.keys(env).some((name) => /^AIRFLOW_(?:VAR|CONN)_/.test(name))) return [];
  const memory = await readMemory(stateDirectory, database);
  return (['variable', 'connection'] as const).flatMap((kind) =>
    [...memory[kind].keys()].flatMap((name) => shadowingVariable(kind, name, env) ?? []),
  );
}
