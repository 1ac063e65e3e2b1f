import type { TaskState } from '../../../dagruns/events.ts';
import type { DagSummary } from '../../../airflow/restApi/airflowApi.ts';
import type { Style } from '../../style.ts';
import { paintState } from '../../taskStates.ts';
import { cutColumns } from '../../textWidth.ts';
import { selectedDag } from '../selection.ts';
import { isApiUp, visibleDags, type DashboardState } from '../model.ts';
import { windowStart } from '../moves.ts';
import { ageChangesIn, formatAge } from './age.ts';
import { paintTable, type Column } from './table.ts';

/** All DAGs, each with its last run. */
export function dagsView(state: DashboardState, clock: number, rows: number, style: Style): string[] {
  const { dags, size } = state;
  const problem = apiProblem(dags.problem, size.columns, style);
  if (dags.list === undefined) return problem.length > 0 ? problem : [style.dim(waitingFor(state))];
  const visible = visibleDags(dags);
  if (visible.length === 0) return [...problem, style.dim(nothingToShow(dags.filter))];
  const selected = selectedDag(dags);
  const index = Math.max(0, selected === undefined ? 0 : visible.indexOf(selected));
  const { head, lines } = paintTable({
    columns: dagColumns(clock, style),
    rows: visible,
    selected: index,
    width: size.columns,
    style,
  });
  const room = Math.max(1, rows - 1 - problem.length);
  const start = windowStart(index, lines.length, room);
  return [...problem, head, ...lines.slice(start, start + room)];
}

/** Milliseconds until some time that is shown has changed. */
export function dagsChangeIn({ dags }: DashboardState, clock: number): number | undefined {
  const waits = visibleDags(dags).flatMap(({ lastRun }) =>
    lastRun?.startedAt === undefined ? [] : [ageChangesIn(clock - lastRun.startedAt)],
  );
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** Why there is nothing newer to show. */
export function apiProblem(problem: string | undefined, columns: number, style: Style): string[] {
  return problem === undefined ? [] : [cutColumns(style.red(`✗ ${problem}`), columns)];
}

export function waitingFor(state: DashboardState): string {
  if (isApiUp(state)) return 'Asking Airflow…';
  const server = state.model.stack?.services.find(({ name }) => name === 'api-server');
  return server === undefined ? 'The stack has no API server.' : `The API server is ${server.status}.`;
}

function dagColumns(clock: number, style: Style): readonly Column<DagSummary>[] {
  return [
    { title: 'LAST RUN', cell: (dag) => lastState(dag, style), width: 12, drop: 1 },
    { title: 'DAG', cell: ({ dagId }) => dagId, maximum: 60 },
    { title: '', cell: (dag) => flags(dag, style), width: 6 },
    { title: 'STARTED', cell: (dag) => started(dag, clock), width: 10, right: true, drop: 2 },
    { title: 'SCHEDULE', cell: ({ schedule }) => style.dim(schedule ?? ''), rest: true },
  ];
}

function lastState({ lastRun }: DagSummary, style: Style): string {
  return lastRun === undefined ? style.dim('· never') : paintState(lastRun.state as TaskState, style, 0);
}

function flags({ paused, hasImportErrors }: DagSummary, style: Style): string {
  if (hasImportErrors) return style.red('broken');
  return paused ? style.yellow('paused') : '';
}

function started({ lastRun }: DagSummary, clock: number): string {
  return lastRun?.startedAt === undefined ? '' : `${formatAge(clock - lastRun.startedAt)} ago`;
}

function nothingToShow(filter: string): string {
  return filter === '' ? 'Airflow knows no DAGs yet.' : `No DAG's id contains "${filter}". Esc shows all.`;
}
