import { counted } from './counted.ts';
import { formatDuration } from './duration.ts';
import type { LogTails } from './logTails.ts';
import { instanceName, instancesOf, type RunModel, type TaskInstance } from './runModel.ts';
import type { Style } from './style.ts';
import { printableLines } from './textWidth.ts';
import type { ErrorDetail, TaskState } from '../dagruns/events.ts';

/** A DAG with 500 failed instances is as clear with the first few. */
const MAXIMUM_FAILURES = 5;
/** A log that ended this few lines ago is still on the screen. */
const LINES_IN_SIGHT = 25;
const MAXIMUM_VALUE_LENGTH = 500;

/** What a person needs after a DAG run: its failures, then the summary. */
export function runReport(run: RunModel, tails: LogTails, style: Style): string[] {
  return [...failureReport(run, tails, style), '', ...summary(run, style)];
}

/** Why tasks failed, each with the author's part of the traceback and the end of its log. */
export function failureReport(run: RunModel, tails: LogTails, style: Style): string[] {
  const failed = instancesOf(run).filter((instance) => instance.state === 'failed');
  const lines = failed.slice(0, MAXIMUM_FAILURES).flatMap((instance) => failure(instance, tails, style));
  const rest = failed.slice(MAXIMUM_FAILURES);
  if (rest.length === 0) return lines;
  const named = rest.slice(0, 10).map(({ taskId, mapIndex }) => instanceName(taskId, mapIndex));
  const more = rest.length > named.length ? ', …' : '';
  return [...lines, '', style.red(`… and ${rest.length} more failed: ${named.join(', ')}${more}`)];
}

/** The one summary at the end of a DAG run: verdict, numbers, return values, warnings. */
export function summary(run: RunModel, style: Style): string[] {
  const { finished } = run;
  if (finished === undefined) return [];
  const paint = finished.state === 'success' ? style.green : style.red;
  const overhead = Math.max(0, finished.duration_ms - finished.task_ms);
  const verdict = [
    paint(style.bold(`DAG run ${finished.state}`)),
    style.bold(finished.dag_id),
    finished.run_id,
    `${countTasks(run)} in ${formatDuration(finished.duration_ms)}`,
  ].join('  ');
  return [
    `${verdict} ${style.dim(`(overhead ${formatDuration(overhead)})`)}`,
    ...run.returnValues.map(
      ({ task_id, map_index, value }) =>
        `${style.dim('returned by')} ${instanceName(task_id, map_index)}${style.dim(':')} ${shortValue(value)}`,
    ),
    ...(finished.message === undefined ? [] : warningLines(finished.message, style)),
    ...run.warnings.flatMap((text) => warningLines(text, style)),
  ];
}

function warningLines(text: string, style: Style): string[] {
  const [first = '', ...rest] = printableLines(text, false);
  const mark = style.yellow(style.bold('warning:'));
  return [`${mark} ${style.yellow(first)}`, ...rest.map((line) => `  ${style.yellow(line)}`)];
}

/** What the end of the process says that the run itself did not. */
export function exitReport(run: RunModel, style: Style): string[] {
  const { exit, finished, failure: failed } = run;
  if (exit === undefined) return [];
  const running = instancesOf(run)
    .filter((instance) => instance.state === 'running')
    .map(({ taskId, mapIndex }) => instanceName(taskId, mapIndex));
  const during = running.length === 0 ? '' : ` while running ${running.join(', ')}`;
  const mark = style.red(style.bold('error:'));
  // The runner saw it end and has named the task.
  if (failed?.code === 'process_ended') return [];
  if (exit.signal !== undefined) {
    const reason = exit.signal === 'SIGKILL' ? ['  The kernel does that when memory runs out.'] : [];
    return [`${mark} The DAG run's process was ended by ${exit.signal}${during}.`, ...reason];
  }
  if (exit.code === 0 || finished !== undefined || failed !== undefined) return [];
  return [`${mark} The DAG run's process ended with exit code ${exit.code}${during}.`];
}

function failure(instance: TaskInstance, tails: LogTails, style: Style): string[] {
  const { error } = instance;
  const name = style.bold(instanceName(instance.taskId, instance.mapIndex));
  const tail = tails.tail(instance, LINES_IN_SIGHT);
  return [
    '',
    `${style.red('✗')} task ${name} ${style.red('failed')}${error === undefined ? '' : `: ${headline(error, style)}`}`,
    ...(error === undefined ? [] : tracebackLines(error, style)),
    ...(tail.length === 0 ? [] : [`  ${style.dim('end of its log:')}`, ...tail.map((line) => `  ${line}`)]),
  ];
}

function headline(error: ErrorDetail, style: Style): string {
  return style.red(printableLines(fullMessage(error), false)[0] ?? error.type);
}

function fullMessage({ type, message }: ErrorDetail): string {
  if (message === '') return type;
  return message.startsWith(`${type}:`) ? message : `${type}: ${message}`;
}

/** The exception's own line is left out: the headline has it. */
function tracebackLines(error: ErrorDetail, style: Style): string[] {
  const lines = error.traceback.flatMap((line) => printableLines(line, style.color));
  if (lines.at(-1) === fullMessage(error)) lines.pop();
  const place = error.line === undefined ? error.file : `${error.file}:${error.line}`;
  return [
    ...(error.file === undefined ? [] : [`  ${style.cyan(place ?? '')}`]),
    ...lines.map((line) => `  ${line}`),
  ];
}

function countTasks(run: RunModel): string {
  const counts = new Map<TaskState, number>();
  const instances = instancesOf(run);
  for (const { state } of instances) counts.set(state, (counts.get(state) ?? 0) + 1);
  const total = counted(instances.length, 'task');
  const others = [...counts].filter(([state]) => state !== 'success');
  if (others.length === 0) return total;
  return `${total} (${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')})`;
}

/** Airflow's return values arrive as Python writes them, or as JSON. */
function shortValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const line = printableLines(text, false).join('⏎');
  return line.length > MAXIMUM_VALUE_LENGTH ? `${line.slice(0, MAXIMUM_VALUE_LENGTH)}…` : line;
}
