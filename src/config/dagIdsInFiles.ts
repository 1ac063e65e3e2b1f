import { pythonFilesIn, readText } from './folders.ts';

/** `DAG("orders"`, `DAG(dag_id="orders"`, `@dag(dag_id="orders"`. */
const NAMED = /\b(?:DAG|dag)\(\s*(?:dag_id\s*=\s*)?["']([\w.-]+)["']|\bdag_id\s*=\s*["']([\w.-]+)["']/g;
/** `@dag(…)` without an id, then the function that it is named after. */
const DECORATED = /^@dag\b(?:\((?:[^()]|\([^()]*\))*\))?\s*\n(?:@.*\n)*def\s+(\w+)/gm;
const MOST_FILES = 1000;

/**
 * Ids of DAGs as far as the text of DAG files shows them: for suggestions, in a few milliseconds and without Airflow.
 * Ids that are computed are not among them.
 *
 * @param folders absolute folders of DAG files.
 */
export async function dagIdsInFiles(folders: readonly string[]): Promise<string[]> {
  const files = await pythonFilesIn(folders, MOST_FILES);
  const found = await Promise.all(files.map(async (file) => idsIn((await readText(file)) ?? '')));
  return [...new Set(found.flat())].toSorted();
}

function idsIn(text: string): readonly string[] {
  const named = [...text.matchAll(NAMED)].map((match) => match[1] ?? match[2] ?? '');
  const decorated = [...text.matchAll(DECORATED)]
    .filter(([whole]) => !/\bdag_id\s*=|\(\s*["']/.test(whole))
    .map((match) => match[1] ?? '');
  return [...named, ...decorated];
}
