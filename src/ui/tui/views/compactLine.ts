import type { Style } from '../../style.ts';

/** `2026-11-21T12:22:18.196967Z [info     ] Text   [logger] loc=file.py:76`, as Airflow 3 writes it. */
const AIRFLOW_3 =
  /^\d{4}-\d\d-\d\d[T ](\d\d:\d\d:\d\d)\S* +\[(\w+) *\] ?(.*?)(?: +\[[\w.]+\](?: loc=\S+)?)?$/;
/** `[2026-11-21T12:22:18.196+0000] {file.py:76} INFO - Text`, as Airflow 2 does. */
const AIRFLOW_2 = /^\[\d{4}-\d\d-\d\d[T ](\d\d:\d\d:\d\d)\S*\] +\{[^}]*\} +(\w+) +- (.*)$/;

/** `2026-11-21T12:22:18.196967Z INFO - Text`: the log of a task, as we ask Airflow 3 for it. */
const TASK_3 = /^\d{4}-\d\d-\d\d[T ](\d\d:\d\d:\d\d)\S* +([A-Z]+) - (.*)$/;

/**
 * A log line of Airflow with what matters first: the time of day, the level where it is one that matters, the text.
 * Where it was logged is left out. Any other line stays as it is.
 */
export function compactLine(line: string, style: Style): string {
  const match = AIRFLOW_3.exec(line) ?? AIRFLOW_2.exec(line) ?? TASK_3.exec(line);
  if (match === null) return line;
  const [, time = '', level = '', text = ''] = match;
  return `${style.gray(time)} ${marked(level.toLowerCase(), text, style)}`;
}

function marked(level: string, text: string, style: Style): string {
  if (level === 'warning') return style.yellow(`warning: ${text}`);
  if (level === 'error' || level === 'critical') return style.red(`${level}: ${text}`);
  return level === 'debug' ? style.dim(text) : text;
}
