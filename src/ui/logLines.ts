import type { RunEvent } from '../dagruns/events.ts';
import { instanceName } from './runModel.ts';
import type { Style } from './style.ts';
import { printableLines } from './textWidth.ts';

export type LogEvent = Extract<RunEvent, { readonly event: 'log' }>;

/** What Airflow itself says round every task, or what an event of ours says better. */
const CHATTER: readonly RegExp[] = [
  /^Pushing xcom/i,
  /^\[DAG TEST\]/,
  /^Exporting env vars/,
  /^Done\. Returned value was/,
  /^Task failed with exception(\n|$)/,
  /^Marking run <DagRun /,
  /^No tasks to run\. unrunnable tasks/,
  /^Failed to import: /,
  /^Error loading DAG from /,
  /^(Failed to bag_dag: |Error bagging DAG from )/,
  // How a loop over the results of mapped tasks finds its end, and what a task is given for nothing: None.
  /^XCom not found /,
];
/** Airflow 2 names the file and the line instead. */
const AIRFLOW_LOGGERS = /^(task$|airflow\.|\w+\.py:\d+$)/;
/** Not `airflow.task` itself: authors are told to log there. */
const BOOKKEEPING_LOGGERS = /^(task|airflow\.models\..+|airflow\.sdk\.definitions\.dag)$/;

/** Whether a person sees a log line without asking for more. */
export function isShown(event: LogEvent, verbose: boolean): boolean {
  if (verbose || event.level === 'output') return true;
  const logger = event.logger ?? '';
  if (event.level === 'debug') return false;
  if (event.level === 'info' && BOOKKEEPING_LOGGERS.test(logger)) return false;
  return !(AIRFLOW_LOGGERS.test(logger) && CHATTER.some((pattern) => pattern.test(event.text)));
}

/** The lines of a log event, each after the name of its task: `double[2] | text`. */
export function paintLogLines(event: LogEvent, style: Style): string[] {
  const prefix = style.gray(`${logSource(event)} |`);
  return markedLines(event, style).map((line) => `${prefix} ${line}`.trimEnd());
}

/** The lines of a log event with their level, where it is one that matters. */
export function markedLines(event: LogEvent, style: Style): string[] {
  const lines = printableLines(event.text, style.color);
  if (event.level === 'warning') return lines.map((line) => style.yellow(`warning: ${line}`));
  if (event.level === 'error' || event.level === 'critical') {
    return lines.map((line) => style.red(`${event.level}: ${line}`));
  }
  return event.level === 'debug' ? lines.map((line) => style.dim(line)) : lines;
}

/** Lines from outside any task belong to the DAG file. */
function logSource(event: LogEvent): string {
  return event.task_id === undefined ? 'dag' : instanceName(event.task_id, event.map_index ?? -1);
}
