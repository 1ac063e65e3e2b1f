import path from 'node:path';

/**
 * The folder that holds what is not JavaScript: `airflow/locks`, `airflow/python`, `hdfs/java`. It is `src/` when run from
 * sources and `dist/` in the bundle, where `build.mjs` puts every chunk and a copy of these folders.
 */
export function assetsDirectory(): string {
  const here = import.meta.dirname;
  return path.basename(here) === 'platform' ? path.dirname(here) : here;
}
