import type { LineRing, LogReader } from './logBuffer.ts';
import type { LogsState } from './model.ts';
import { moveDistance, type MoveName } from './moves.ts';
import { withoutColour } from '../textWidth.ts';

/** Scrolls. Any move upwards stops following; the end follows again. */
export function scrollLogs(logs: LogsState, ring: LineRing, move: MoveName, page: number): LogsState {
  const bottom = (logs.bottom ?? ring.end) + moveDistance(move, ring.end, page);
  return { ...logs, bottom: placed(bottom, ring, page) };
}

/** The match after (`upwards`, towards older lines) or before the one that was last gone to. */
export function goToMatch(logs: LogsState, ring: LineRing, page: number, upwards: boolean): LogsState {
  const bottom = logs.bottom ?? ring.end;
  const from = logs.match ?? (upwards ? bottom : bottom - 1);
  const match = findMatch(ring, logs.query, from, upwards);
  if (match === undefined) return logs;
  const visible = match >= bottom - page && match < bottom;
  return {
    ...logs,
    match,
    bottom: visible ? bottom : placed(match + Math.ceil(page / 2), ring, page),
  };
}

function findMatch(ring: LineRing, query: string, from: number, upwards: boolean): number | undefined {
  if (query === '') return undefined;
  const step = upwards ? -1 : 1;
  for (let at = Math.min(from, ring.end) + step; at >= ring.first && at < ring.end; at += step) {
    const line = ring.at(at);
    if (line !== undefined && isMatch(line.text, query)) return at;
  }
  return undefined;
}

export function countMatches(ring: LineRing, query: string): number {
  let count = 0;
  for (let at = ring.first; at < ring.end; at += 1) {
    if (isMatch(ring.at(at)?.text ?? '', query)) count += 1;
  }
  return count;
}

/** Capitals matter only to who types one. */
export function isMatch(text: string, query: string): boolean {
  const plain = withoutColour(text);
  return query === query.toLowerCase() ? plain.toLowerCase().includes(query) : plain.includes(query);
}

/** All services, then one after the other. */
export function nextFilter(
  current: string | undefined,
  services: readonly string[],
  step: 1 | -1,
): string | undefined {
  const choices = [undefined, ...services];
  const index = Math.max(0, choices.indexOf(current));
  return choices[(index + step + choices.length) % choices.length];
}

export function reading(reader: LogReader, logs: LogsState): LineRing {
  return reader.lines(logs.service);
}

/** Never above the oldest line; undefined, which follows, at the end. */
function placed(bottom: number, ring: LineRing, page: number): number | undefined {
  if (bottom >= ring.end) return undefined;
  return Math.max(bottom, Math.min(ring.first + page, ring.end));
}
