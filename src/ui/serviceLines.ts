import { formatDuration } from './duration.ts';
import { paintStatusSymbol } from './serviceStates.ts';
import type { ServiceChange } from './stackModel.ts';
import type { Style } from './style.ts';

/** `✓ scheduler ready (0.41 s)`; undefined for a change that nobody waits for. */
export function paintServiceChange(change: ServiceChange, style: Style): string | undefined {
  const { before, after } = change;
  switch (after.status) {
    case 'ready':
    case 'completed':
      return line(
        change,
        '✓',
        style.green,
        after.status,
        after.since - (after.startedAt ?? after.since),
        style,
      );
    case 'stopped':
      // One that has never run was not stopped either, nor was a task that has long done its work.
      return before === undefined || before.status === 'completed'
        ? undefined
        : line(change, '✓', style.green, 'stopped', after.since - before.since, style);
    case 'failed':
      return line(change, '✗', style.red, 'failed', after.since - (after.startedAt ?? after.since), style);
    case 'backing-off':
    case 'unhealthy': {
      const detail = after.detail === undefined ? '' : `: ${after.detail}`;
      return `${paintStatusSymbol(after.status, style)} ${after.name} ${after.status}${detail}`;
    }
    default:
      return undefined;
  }
}

function line(
  { after }: ServiceChange,
  symbol: string,
  paint: (text: string) => string,
  word: string,
  milliseconds: number,
  style: Style,
): string {
  const detail = after.detail === undefined ? '' : `: ${after.detail}`;
  const time = milliseconds > 0 ? ` ${style.dim(`(${formatDuration(milliseconds)})`)}` : '';
  return `${paint(symbol)} ${after.name} ${word}${detail}${time}`;
}
