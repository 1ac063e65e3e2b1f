import { pythonFilesIn, readText } from '../folders.ts';

export interface LineEvidence {
  readonly line: 2 | 3;
  /** Whether it needs providers of before the clearance: Airflow 2.10.5 and later come with none of these. */
  readonly oldProviders: boolean;
  /** Absolute. */
  readonly file: string;
  /** Counts from 1. */
  readonly at: number;
}

/** Imports and arguments that Airflow 3 does not have any more: a DAG file with one can't be imported there. */
const ONLY_2 =
  /^\s*(?:from|import)\s+airflow\.(?:contrib\b|operators\.(?:\w+_operator\b|dummy\b|subdag\b)|sensors\.(?:\w+_sensor\b|base_sensor_operator\b)|hooks\.\w+_hook\b|utils\.(?:dates|decorators)\b|models\.subdag\b|www\b|api_connexion\b)|\bschedule_interval\s*=|\bprovide_context\s*=|\bdays_ago\(/;
/** What providers had until they were cleared of what was deprecated, at the end of 2024. */
const OLD_PROVIDERS =
  /^\s*(?:from|import)\s+airflow\.providers\.(?:(?:postgres|mysql|sqlite|jdbc|microsoft\.mssql)\.operators\b|cncf\.kubernetes\.operators\.kubernetes_pod\b)|^\s*from\s+airflow\.providers\.http\S*\s+import\s.*\bSimpleHttpOperator\b/;
const ONLY_3 = /^\s*(?:from|import)\s+airflow\.sdk\b/;

const MOST_FILES = 100;

/**
 * Which line of Airflow the DAG files are written for, by what only one of them has. Undefined when nothing tells.
 * Of files for both, the newer line is taken.
 *
 * @param folders absolute folders of DAG files, looked at with what they hold.
 */
export async function lineEvidence(folders: readonly string[]): Promise<LineEvidence | undefined> {
  let older: LineEvidence | undefined;
  for (const file of await pythonFilesIn(folders, MOST_FILES)) {
    const lines = ((await readText(file)) ?? '').split('\n');
    const newer = lines.findIndex((line) => ONLY_3.test(line));
    if (newer !== -1) return { line: 3, oldProviders: false, file, at: newer + 1 };
    if (older?.oldProviders === true) continue;
    const old = lines.findIndex((line) => OLD_PROVIDERS.test(line));
    if (old !== -1) older = { line: 2, oldProviders: true, file, at: old + 1 };
    const at = older === undefined ? lines.findIndex((line) => ONLY_2.test(withoutComment(line))) : -1;
    if (at !== -1) older = { line: 2, oldProviders: false, file, at: at + 1 };
  }
  return older;
}

function withoutComment(line: string): string {
  return line.replace(/#.*$/, '');
}
