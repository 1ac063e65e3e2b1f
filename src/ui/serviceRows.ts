import type { ServiceView, StackView } from '../stack/events.ts';
import { formatDuration, formatElapsed } from './duration.ts';
import { isSettled, paintStatus, STATUS_COLUMNS } from './serviceStates.ts';
import type { Style } from './style.ts';
import { cutColumns, padColumns, textWidth } from './textWidth.ts';

const TIME_COLUMNS = 8;

/** One line a service while a stack starts or stops, at most `columns` wide. No column ever moves. */
export function paintServiceRows(stack: StackView, clock: number, columns: number, style: Style): string[] {
  const names = Math.max(0, ...stack.services.map(({ name }) => textWidth(name)));
  return stack.services.map((service) => {
    const name = padColumns(service.name, names);
    const time = paintTime(service, clock, style);
    const room = columns - STATUS_COLUMNS - names - TIME_COLUMNS - 6;
    const detail = style.dim(cutColumns(service.detail ?? '', Math.max(0, room)));
    return cutColumns(
      `${paintStatus(service.status, style)}  ${name}  ${time}  ${detail}`.trimEnd(),
      columns,
    );
  });
}

/** Services that are where they were asked to go, of all. */
export function settledCount(stack: StackView): string {
  const settled = stack.services.filter(({ status }) => isSettled(status)).length;
  return `${settled}/${stack.services.length}`;
}

function paintTime(service: ServiceView, clock: number, style: Style): string {
  if (!isSettled(service.status)) {
    return style.cyan(formatElapsed(clock - service.since).padStart(TIME_COLUMNS));
  }
  const took = service.since - (service.startedAt ?? service.since);
  const text = service.status === 'stopped' || took <= 0 ? '' : formatDuration(took);
  return style.dim(text.padStart(TIME_COLUMNS));
}
