import type { Style } from '../../style.ts';
import { cutColumns, textWidth } from '../../textWidth.ts';
import { bindingsIn, type KeyBinding } from '../keys.ts';
import { contextOf, type DashboardState } from '../model.ts';
import { keyTitle } from '../keyTitles.ts';
import { cursor } from './paletteView.ts';

/** These have to be found even on the narrowest screen. */
const ALWAYS: ReadonlySet<string> = new Set(['help', 'quit']);

/** One line: what is typed, what has just happened, or the keys. */
export function paintFooter(state: DashboardState, clock: number, style: Style): string {
  const { columns } = state.size;
  const { typing, notice } = state;
  if (typing !== undefined) {
    return cutColumns(`${style.cyan('/')}${typing.text}${cursor(style)}`, columns);
  }
  if (notice !== undefined && notice.until > clock && state.overlay === undefined) {
    const text = notice.level === 'error' ? style.red(`✗ ${notice.text}`) : notice.text;
    return cutColumns(text, columns);
  }
  return keyHints(state, columns, style);
}

/** As many keys as fit, whole ones only; those of the screen first, then help and quit in any case. */
function keyHints(state: DashboardState, columns: number, style: Style): string {
  const context = contextOf(state);
  const bindings: readonly KeyBinding[] = bindingsIn(context, state.offered).filter(
    ({ short }) => short !== undefined,
  );
  const needed = bindings.filter(({ action }) => ALWAYS.has(action));
  let room = columns - needed.reduce((sum, each) => sum + hintWidth(each), 0);
  const shown = bindings.filter((each) => {
    if (needed.includes(each)) return true;
    room -= hintWidth(each);
    return room >= 0;
  });
  const hints = shown.map(
    (each) => `${style.cyan(keyTitle(each.keys[0] ?? ''))} ${style.dim(each.short ?? '')}`,
  );
  return cutColumns(hints.join('  '), columns);
}

function hintWidth({ keys, short }: KeyBinding): number {
  return textWidth(`${keyTitle(keys[0] ?? '')} ${short ?? ''}  `);
}
