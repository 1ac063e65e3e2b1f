import type { SeedKind } from './seedItem.ts';

/** The environment variable that Airflow reads before it looks into the database. */
export function shadowingVariable(
  kind: SeedKind,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (kind === 'pool') return undefined;
  const variable = `AIRFLOW_${kind === 'variable' ? 'VAR' : 'CONN'}_${name.toUpperCase()}`;
  return env[variable] === undefined ? undefined : variable;
}
