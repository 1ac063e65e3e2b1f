import { formatDuration } from './duration.ts';
import type { Style } from './style.ts';
import { alignRows } from './table.ts';

/** Of a job, what a line of the list shows; times in milliseconds since the epoch. */
export interface SparkRunRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly task?: { readonly dagId: string; readonly taskId: string } | undefined;
}

/** The newest last, as in a shell's history. */
export function sparkRunTable(rows: readonly SparkRunRow[], now: number, style: Style): string[] {
  if (rows.length === 0) return ['No Spark job has run in this project.'];
  const head = ['application', 'name', 'state', 'started', 'took', 'task'].map(style.dim);
  return alignRows(
    [
      head,
      ...rows.map((each) => [
        each.id,
        each.name,
        stateOf(each, style),
        `${formatDuration(now - each.startedAt)} ago`,
        took(each, now),
        each.task === undefined ? '' : `${each.task.dagId}.${each.task.taskId}`,
      ]),
    ],
    { right: new Set([3, 4]) },
  );
}

function took({ state, startedAt, endedAt }: SparkRunRow, now: number): string {
  if (endedAt !== undefined) return formatDuration(endedAt - startedAt);
  return state === 'killed' ? '' : formatDuration(now - startedAt);
}

function stateOf({ state, exitCode }: SparkRunRow, style: Style): string {
  if (state === 'succeeded') return style.green(state);
  if (state === 'failed') return style.red(exitCode === undefined ? state : `failed (${exitCode})`);
  return state === 'killed' ? style.yellow(state) : state;
}
