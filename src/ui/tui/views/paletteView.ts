import type { Style } from '../../style.ts';
import { cutColumns, padColumns, textWidth } from '../../textWidth.ts';
import type { DashboardState } from '../model.ts';
import { windowStart } from '../moves.ts';
import { paletteCommands } from '../palette.ts';
import { keyTitles } from '../keyTitles.ts';

/** A text field and the commands that it finds. */
export function paletteView(state: DashboardState, rows: number, style: Style): string[] {
  if (state.overlay?.kind !== 'palette') return [];
  const { query, selected } = state.overlay;
  const { columns } = state.size;
  const commands = paletteCommands(state, query);
  // Of all commands, so that the column stays while the query changes.
  const names = Math.max(...paletteCommands(state, '').map((each) => textWidth(keyTitles(each))));
  const lines = commands.map((command, index) => {
    const text = `${padColumns(keyTitles(command), names)}  ${command.text}`;
    if (index !== selected) return cutColumns(`  ${text}`, columns);
    return style.inverse(cutColumns(padColumns(`› ${text}`, columns), columns));
  });
  const room = Math.max(0, rows - 1);
  const start = windowStart(selected, lines.length, room);
  const found =
    lines.length === 0 ? [style.dim('  Nothing is called that.')] : lines.slice(start, start + room);
  return [cutColumns(`${style.cyan(':')}${query}${cursor(style)}`, columns), ...found].slice(0, rows);
}

/** Where the next letter goes. The real cursor is hidden. */
export function cursor(style: Style): string {
  return style.color ? style.inverse(' ') : '_';
}
