import { basename } from 'node:path';
import { formatElapsed } from '../../duration.ts';
import { settledCount } from '../../serviceRows.ts';
import { paintStatus } from '../../serviceStates.ts';
import type { Style } from '../../style.ts';
import { cutColumns, textWidth } from '../../textWidth.ts';
import { SCREENS, type DashboardState, type ScreenName } from '../model.ts';

const TITLES: Readonly<Record<ScreenName, string>> = {
  services: 'Services',
  logs: 'Logs',
  dags: 'DAGs',
  errors: 'Errors',
};

/** Two lines: how the stack is, and the screens. */
export function paintHeader(state: DashboardState, clock: number, style: Style): readonly string[] {
  const { columns } = state.size;
  return [cutColumns(statusLine(state, clock, style), columns), cutColumns(tabs(state, style), columns)];
}

/** What went wrong: services that don't do what they should, and files that Airflow can't import. */
function troubleCount({ model, errors }: DashboardState): number {
  const services = (model.stack?.services ?? []).filter(({ status }) => isTrouble(status));
  return services.length + (errors.list?.length ?? 0);
}

export function isTrouble(status: string): boolean {
  return status === 'failed' || status === 'unhealthy' || status === 'backing-off';
}

function statusLine(state: DashboardState, clock: number, style: Style): string {
  const { stack } = state.model;
  if (state.link === 'lost') return style.red('✗ the supervisor has ended');
  if (stack === undefined) return style.cyan('▸ connecting');
  const starting = stack.status === 'starting' || stack.status === 'stopping';
  const count = `${settledCount(stack)} services ${formatElapsed(clock - stack.startedAt)}`;
  const status = paintStatus(stack.status, style, 0);
  // The name of the project's own is long: on a narrow terminal the plain address takes its place.
  const address = [stack.uiUrl, stack.url].find(
    (each) => each !== undefined && textWidth(status) + 2 + textWidth(each) <= state.size.columns,
  );
  const parts = [
    status,
    ...(stack.status === 'starting' ? [count] : starting ? [settledCount(stack)] : []),
    ...(address === undefined ? [] : [style.cyan(address)]),
    style.bold(basename(stack.project)),
    style.dim(`Airflow ${stack.airflowVersion}`),
    style.dim(`Python ${stack.pythonVersion}`),
  ];
  // Whole parts only, the most important ones first.
  return parts.reduce((line, part, index) =>
    index === 0 || textWidth(line) + 2 + textWidth(part) <= state.size.columns ? `${line}  ${part}` : line,
  );
}

function tabs(state: DashboardState, style: Style): string {
  const trouble = troubleCount(state);
  return SCREENS.map((screen, index) => {
    const count = screen === 'errors' && trouble > 0 ? ` ${trouble}` : '';
    const text = `${index + 1} ${TITLES[screen]}${count}`;
    if (screen === state.screen) return style.inverse(style.bold(`[${text}]`));
    return count === '' ? style.dim(` ${text} `) : style.red(` ${text} `);
  }).join('');
}
