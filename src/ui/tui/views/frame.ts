import type { Style } from '../../style.ts';
import { cutColumns } from '../../textWidth.ts';
import type { LogReader } from '../logBuffer.ts';
import { bodyRows, type DashboardState } from '../model.ts';
import { dagsChangeIn, dagsView } from './dagsView.ts';
import { errorsView } from './errorsView.ts';
import { paintFooter } from './footer.ts';
import { paintHeader } from './header.ts';
import { helpView } from './helpView.ts';
import { logsView } from './logsView.ts';
import { paletteView } from './paletteView.ts';
import { quitView } from './quitView.ts';
import { runChangesIn, runView } from './runView.ts';
import { servicesChangeIn, servicesView } from './servicesView.ts';
import { taskView } from './taskView.ts';

/**
 * The whole dashboard as lines: always one row less than the screen has, as ink clears a screen that is full, and none
 * wider than it. Pure.
 *
 * @param clock milliseconds since the epoch.
 */
export function frame(state: DashboardState, reader: LogReader, clock: number, style: Style): string[] {
  const rows = bodyRows(state.size);
  const body = paintBody(state, reader, clock, rows, style);
  const question = quitView(state, style);
  // The question takes the lowest rows of what is below it.
  const kept = body.slice(0, Math.max(0, rows - question.length));
  const filler = Array.from({ length: Math.max(0, rows - kept.length - question.length) }, () => '');
  const lines = [...paintHeader(state, clock, style), ...kept, ...filler, ...question.slice(0, rows)];
  return [...lines, paintFooter(state, clock, style)]
    .slice(0, Math.max(1, state.size.rows - 1))
    .map((line) => cutColumns(line, state.size.columns));
}

/** Milliseconds until the frame looks different though nothing happens; undefined when it never does. */
export function frameChangesIn(state: DashboardState, clock: number): number | undefined {
  const { notice, model } = state;
  const waits = [
    bodyChangesIn(state, clock),
    notice === undefined || notice.until === Infinity || notice.until <= clock
      ? undefined
      : notice.until - clock,
    // The header counts while the stack starts.
    model.stack?.status === 'starting' && state.link === 'connected' ? 200 : undefined,
  ].filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

function paintBody(
  state: DashboardState,
  reader: LogReader,
  clock: number,
  rows: number,
  style: Style,
): string[] {
  if (state.overlay?.kind === 'help') return helpView(state, rows, style);
  if (state.overlay?.kind === 'palette') return paletteView(state, rows, style);
  switch (state.screen) {
    case 'services':
      return servicesView(state, reader, clock, rows, style);
    case 'logs':
      return logsView(state, reader, rows, style);
    case 'errors':
      return errorsView(state, reader, rows, style);
    case 'dags':
      return paintDags(state, clock, rows, style);
  }
}

function paintDags(state: DashboardState, clock: number, rows: number, style: Style): string[] {
  switch (state.dags.level) {
    case 'list':
      return dagsView(state, clock, rows, style);
    case 'run':
      return runView(state, clock, rows, style);
    case 'task':
      return taskView(state, clock, rows, style);
  }
}

function bodyChangesIn(state: DashboardState, clock: number): number | undefined {
  if (state.overlay?.kind === 'help' || state.overlay?.kind === 'palette') return undefined;
  if (state.screen === 'services') return servicesChangeIn(state, clock);
  if (state.screen !== 'dags') return undefined;
  return state.dags.level === 'list' ? dagsChangeIn(state, clock) : runChangesIn(state);
}
