import type { ServiceView } from '../../../stack/events.ts';
import { paintStatus, STATUS_COLUMNS } from '../../serviceStates.ts';
import type { Style } from '../../style.ts';
import { cutColumns } from '../../textWidth.ts';
import type { LineRing, LogReader } from '../logBuffer.ts';
import type { DashboardState } from '../model.ts';
import { windowStart } from '../moves.ts';
import { selectedService } from '../selection.ts';
import { ageChangesIn, formatAge, formatClock } from './age.ts';
import { compactLine } from './compactLine.ts';
import { paintTable, type Column } from './table.ts';

/** Below this there is no room for more than the rule above it. */
const SMALLEST_TAIL = 3;
/** Tenths of seconds are shown while something is under way; faster would only flicker. */
const TICK_MILLISECONDS = 200;

/** The services, what is under way, and the end of the selected one's log. */
export function servicesView(
  state: DashboardState,
  reader: LogReader,
  clock: number,
  rows: number,
  style: Style,
): string[] {
  const { columns } = state.size;
  const services = state.model.stack?.services ?? [];
  const service = selectedService(state);
  if (service === undefined) return ['', style.dim('  Waiting for the supervisor…')];
  const selected = services.indexOf(service);
  const { head, lines } = paintTable({
    columns: serviceColumns(clock, style, state.model.stack?.status === 'starting'),
    rows: services,
    selected,
    width: columns,
    style,
  });
  const room = Math.max(1, rows - 1);
  const start = windowStart(selected, lines.length, room);
  const table = [head, ...lines.slice(start, start + room)];
  const steps = [...state.model.steps.values()].map((step) => {
    const count = step.total === undefined ? '' : ` ${step.current ?? 0}/${step.total}`;
    const detail = step.detail === undefined ? '' : `: ${step.detail}`;
    return cutColumns(`  ${style.cyan('…')} ${step.text}${count}${detail}`, columns);
  });
  const above = [...table, ...steps].slice(0, rows);
  const below = rows - above.length - 1;
  if (below < SMALLEST_TAIL) return above;
  return [
    ...above,
    rule(service, columns, style),
    ...tail(reader.lines(service.name), below, columns, style),
  ];
}

/** Milliseconds until some time that is shown has changed; undefined when none is. */
export function servicesChangeIn({ model }: DashboardState, clock: number): number | undefined {
  const waits = (model.stack?.services ?? []).flatMap((service) => {
    if (isUnderWay(service)) return [TICK_MILLISECONDS];
    return hasAge(service) ? [ageChangesIn(clock - (service.startedAt ?? service.since))] : [];
  });
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** While a stack starts there is nothing to measure: what is waited for needs the room. */
function serviceColumns(clock: number, style: Style, starting: boolean): readonly Column<ServiceView>[] {
  const measured: readonly Column<ServiceView>[] = [
    { title: 'CPU', cell: ({ cpuPercent }) => percent(cpuPercent), width: 5, right: true, drop: 3 },
    { title: 'MEMORY', cell: ({ memoryBytes }) => megabytes(memoryBytes), width: 7, right: true, drop: 2 },
    { title: '↻', cell: ({ restarts }) => restartCount(restarts, style), width: 3, right: true, drop: 4 },
  ];
  return [
    { title: 'STATE', cell: ({ status }) => paintStatus(status, style), width: STATUS_COLUMNS },
    { title: 'SERVICE', cell: ({ name }) => name, maximum: 24 },
    { title: 'AGE', cell: (service) => age(service, clock, style), width: 7, right: true, drop: 1 },
    ...(starting ? [] : measured),
    { title: '', cell: ({ detail }) => style.dim(detail ?? ''), rest: true },
  ];
}

function age(service: ServiceView, clock: number, style: Style): string {
  if (isUnderWay(service)) return style.cyan(formatClock(clock - service.since));
  return hasAge(service) ? formatAge(clock - (service.startedAt ?? service.since)) : '';
}

function isUnderWay({ status }: ServiceView): boolean {
  return status === 'waiting' || status === 'starting' || status === 'stopping' || status === 'backing-off';
}

function hasAge({ status }: ServiceView): boolean {
  return status === 'ready' || status === 'unhealthy';
}

function percent(value: number | undefined): string {
  if (value === undefined) return '';
  return value < 9.95 ? `${value.toFixed(1)}%` : `${Math.round(value)}%`;
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : `${Math.round(bytes / 1024 / 1024)} MB`;
}

function restartCount(restarts: number, style: Style): string {
  return restarts === 0 ? style.dim('0') : style.yellow(String(restarts));
}

function rule({ name, pid, detail }: ServiceView, columns: number, style: Style): string {
  const process = pid === undefined ? '' : `, pid ${pid}`;
  const text = `── ${name}${process}${detail === undefined ? '' : `: ${detail}`} `;
  return style.dim(cutColumns(text.padEnd(columns, '─'), columns));
}

function tail(ring: LineRing, rows: number, columns: number, style: Style): string[] {
  const start = Math.max(ring.first, ring.end - rows);
  return Array.from({ length: ring.end - start }, (_, index) =>
    cutColumns(compactLine(ring.at(start + index)?.text ?? '', style), columns),
  );
}
