import type { ServiceStatus, StackStatus } from '../stack/events.ts';
import type { ColourName, Style } from './style.ts';
import { padColumns } from './textWidth.ts';

interface Look {
  /** One column wide, and never the only sign: word and colour say the same. */
  readonly symbol: string;
  readonly colour: ColourName;
}

const LOOKS: Readonly<Record<ServiceStatus | StackStatus, Look>> = {
  'waiting': { symbol: '·', colour: 'gray' },
  'starting': { symbol: '▸', colour: 'cyan' },
  'ready': { symbol: '●', colour: 'green' },
  'completed': { symbol: '✓', colour: 'green' },
  'unhealthy': { symbol: '!', colour: 'yellow' },
  'degraded': { symbol: '!', colour: 'yellow' },
  'backing-off': { symbol: '↻', colour: 'yellow' },
  'stopping': { symbol: '▪', colour: 'cyan' },
  'stopped': { symbol: '○', colour: 'gray' },
  'failed': { symbol: '✗', colour: 'red' },
};

/** Columns of the symbol, a blank and the longest word. */
export const STATUS_COLUMNS = 2 + Math.max(...Object.keys(LOOKS).map((word) => word.length));

/** `● ready      `: shape, word and colour of a status, always equally wide unless told otherwise. */
export function paintStatus(
  status: ServiceStatus | StackStatus,
  style: Style,
  columns = STATUS_COLUMNS,
): string {
  const { symbol, colour } = lookOf(status);
  return style[colour](padColumns(`${symbol} ${status}`, columns));
}

export function paintStatusSymbol(status: ServiceStatus | StackStatus, style: Style): string {
  const { symbol, colour } = lookOf(status);
  return style[colour](symbol);
}

/** Whether the service is where it was asked to go. */
export function isSettled(status: ServiceStatus): boolean {
  return status === 'ready' || status === 'completed' || status === 'stopped' || status === 'failed';
}

/** A status of a supervisor that is newer than this list still gets a look. */
function lookOf(status: ServiceStatus | StackStatus): Look {
  return LOOKS[status] ?? LOOKS.waiting;
}
