import type { Style } from '../../style.ts';
import { cutColumns, padColumns, textWidth, withoutColour, wrapColumns } from '../../textWidth.ts';
import type { LineRing, LogLine, LogReader } from '../logBuffer.ts';
import { isMatch, reading } from '../logMoves.ts';
import type { DashboardState, LogsState } from '../model.ts';
import { compactLine } from './compactLine.ts';

/** One line that says what is shown, and below it the log. */
export function logsView(state: DashboardState, reader: LogReader, rows: number, style: Style): string[] {
  const { logs, size } = state;
  const ring = reading(reader, logs);
  const bottom = Math.max(ring.first, Math.min(logs.bottom ?? ring.end, ring.end));
  const names = logs.service === undefined ? serviceColumns(state) : 0;
  const room = Math.max(0, rows - 1);
  const lines: string[] = [];
  for (let at = bottom - 1; at >= ring.first && lines.length < room; at -= 1) {
    const line = ring.at(at);
    if (line !== undefined) lines.unshift(...paintLine(line, names, logs, size.columns, style));
  }
  const shown = lines.slice(-room);
  const empty = ring.end === 0 ? [style.dim('No lines yet.')] : [];
  return [cutColumns(title(logs, ring, style), size.columns), ...(room === 0 ? [] : [...empty, ...shown])];
}

function title(logs: LogsState, ring: LineRing, style: Style): string {
  const parts = [style.bold(logs.service ?? 'all services')];
  if (logs.bottom === undefined) parts.push(style.green('following'));
  else if (logs.bottom >= ring.end) parts.push(style.yellow('paused (G follows)'));
  else parts.push(style.yellow(`paused, ${ring.end - logs.bottom} below (G follows)`));
  if (logs.query !== '')
    parts.push(`/${logs.query}${logs.matches === undefined ? '' : `: ${logs.matches} lines (n, N)`}`);
  if (logs.wrap) parts.push('wrapped');
  return parts.join(style.dim(' · '));
}

function paintLine(
  { service, text }: LogLine,
  names: number,
  { query, wrap }: LogsState,
  columns: number,
  style: Style,
): string[] {
  const prefix = names === 0 ? '' : style.gray(`${padColumns(cutColumns(service, names), names)} │ `);
  const room = Math.max(1, columns - textWidth(prefix));
  const found = query !== '' && isMatch(text, query);
  // Wrapped, there is room for all of it.
  const shown = (line: string): string => (wrap ? line : compactLine(line, style));
  const marked = found ? markMatches(withoutColour(shown(withoutColour(text))), query, style) : shown(text);
  if (!wrap) return [prefix + cutColumns(marked, room)];
  return wrapColumns(marked, room).map((row) => prefix + row);
}

/** Marked by brackets where there are no colours. */
function markMatches(text: string, query: string, style: Style): string {
  const exact = query !== query.toLowerCase();
  const [hay, needle] = exact ? [text, query] : [text.toLowerCase(), query];
  // A few letters change their length with their case; then there is nothing to point at.
  if (hay.length !== text.length) return text;
  let painted = '';
  let from = 0;
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, from)) {
    const match = text.slice(at, at + needle.length);
    painted += text.slice(from, at) + (style.color ? style.inverse(match) : `[${match}]`);
    from = at + needle.length;
  }
  return painted + text.slice(from);
}

/** Narrow screens show the beginnings of names. */
function serviceColumns({ model, size }: DashboardState): number {
  const widest = Math.max(4, ...(model.stack?.services ?? []).map(({ name }) => textWidth(name)));
  return Math.min(widest, size.columns < 60 ? 6 : 16);
}
