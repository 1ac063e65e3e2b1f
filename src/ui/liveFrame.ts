import type { TaskState } from '../dagruns/events.ts';
import { counted } from './counted.ts';
import { formatElapsed } from './duration.ts';
import type { RunModel } from './runModel.ts';
import type { Style } from './style.ts';
import { isFinished, paintCount } from './taskStates.ts';
import { nameColumns, paintRows, taskRows, type TaskRow } from './taskRows.ts';
import { cutColumns } from './textWidth.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MILLISECONDS = 100;

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The live region of a DAG run as lines: the task table and one line for the run. At least one row lower
 * than the screen, as a full screen makes the terminal scroll with every frame. `clock` is the present on
 * the clock of the events, in milliseconds.
 */
export function liveFrame(run: RunModel, clock: number, size: FrameSize, style: Style): string[] {
  const rows = taskRows(run, clock);
  const capacity = Math.max(0, size.rows - 2);
  const lines = rows.length <= capacity ? rows : windowOf(rows, Math.max(0, capacity - 1));
  const painted = paintRows(lines, nameColumns(rows), style, size.columns);
  if (lines.length < rows.length && capacity > 0) painted.push(hiddenRows(rows, lines, style));
  return [...painted, runLine(run, rows, clock, style)].map((line) => cutColumns(line, size.columns));
}

/** All rows in full: what stays in the scrollback. */
export function finalTable(run: RunModel, clock: number, columns: number, style: Style): string[] {
  const rows = taskRows(run, clock);
  return paintRows(rows, nameColumns(rows), style, columns);
}

/** What runs, what has failed, and then the rows round the first task that is not finished, in their order. */
function windowOf(rows: readonly TaskRow[], length: number): readonly TaskRow[] {
  const shown = new Set<TaskRow>();
  const running = rows.filter(({ state }) => ACTIVE.has(state));
  const failed = rows.filter(({ state }) => state === 'failed');
  for (const row of [...running, ...failed, ...roundCurrent(rows, length)]) {
    if (shown.size < length) shown.add(row);
  }
  return rows.filter((row) => shown.has(row));
}

const ACTIVE: ReadonlySet<TaskState> = new Set(['running', 'restarting', 'up_for_retry', 'deferred']);

function roundCurrent(rows: readonly TaskRow[], length: number): readonly TaskRow[] {
  const current = rows.findIndex((row) => !isFinished(row.state));
  const wanted = (current < 0 ? rows.length : current) - Math.floor(length / 3);
  const start = Math.max(0, Math.min(wanted, rows.length - length));
  return rows.slice(start, start + length);
}

function hiddenRows(rows: readonly TaskRow[], shown: readonly TaskRow[], style: Style): string {
  const visible = new Set(shown);
  const counts = new Map<TaskState, number>();
  for (const row of rows) {
    if (!visible.has(row)) counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
  }
  const numbers = [...counts].map(([state, count]) => paintCount(state, count, style));
  return `${style.dim(`… ${rows.length - shown.length} more`)} ${numbers.join(' ')}`;
}

function runLine(run: RunModel, rows: readonly TaskRow[], clock: number, style: Style): string {
  const spinner = SPINNER[Math.floor(clock / FRAME_MILLISECONDS) % SPINNER.length] ?? SPINNER[0];
  const done = rows.filter((row) => isFinished(row.state)).length;
  const elapsed = formatElapsed(clock - (run.started?.t ?? clock));
  const name = style.bold(run.started?.dag_id ?? '');
  return `${style.cyan(spinner)} ${name}  ${done}/${counted(rows.length, 'task')}  ${style.dim(elapsed)}`;
}
