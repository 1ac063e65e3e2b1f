import type { TaskState } from '../dagruns/events.ts';
import type { ColourName, Style } from './style.ts';
import { padColumns } from './textWidth.ts';

interface Look {
  /** One column wide, and never the only sign: word and colour say the same. */
  readonly symbol: string;
  readonly colour: ColourName;
}

const LOOKS: Readonly<Record<TaskState, Look>> = {
  none: { symbol: '·', colour: 'gray' },
  scheduled: { symbol: '·', colour: 'gray' },
  queued: { symbol: '·', colour: 'gray' },
  running: { symbol: '▸', colour: 'cyan' },
  restarting: { symbol: '↻', colour: 'yellow' },
  success: { symbol: '✓', colour: 'green' },
  failed: { symbol: '✗', colour: 'red' },
  skipped: { symbol: '○', colour: 'magenta' },
  upstream_failed: { symbol: '⊘', colour: 'yellow' },
  up_for_retry: { symbol: '↻', colour: 'yellow' },
  up_for_reschedule: { symbol: '↻', colour: 'blue' },
  deferred: { symbol: '◇', colour: 'blue' },
  awaiting_input: { symbol: '?', colour: 'yellow' },
  removed: { symbol: '−', colour: 'gray' },
};

/** Wide enough for the longest word, so that the columns behind it never move. */
const WORD_COLUMNS = Math.max(
  ...Object.keys(LOOKS)
    .filter((state) => state !== 'up_for_reschedule')
    .map((state) => state.length),
);

const FINISHED: ReadonlySet<TaskState> = new Set([
  'success',
  'failed',
  'skipped',
  'upstream_failed',
  'removed',
]);

/** `✓ success        `: shape, word and colour of a state, always equally wide unless told otherwise. */
export function paintState(state: TaskState, style: Style, columns = WORD_COLUMNS + 2): string {
  const { symbol, colour } = lookOf(state);
  const word = state === 'none' ? 'waiting' : state === 'up_for_reschedule' ? 'rescheduled' : state;
  return style[colour](padColumns(`${symbol} ${word}`, columns));
}

/** `✓2`: a number of task instances in one state. */
export function paintCount(state: TaskState, count: number, style: Style): string {
  const { symbol, colour } = lookOf(state);
  return style[colour](`${symbol}${count}`);
}

export function isFinished(state: TaskState): boolean {
  return FINISHED.has(state);
}

/** A state of an Airflow that is newer than this list still gets a look. */
function lookOf(state: TaskState): Look {
  return LOOKS[state] ?? LOOKS.none;
}
