import { fuzzyFilter } from './fuzzy.ts';
import { bindingsIn, type ActionName, type KeyBinding } from './keys.ts';
import { contextOf, type DashboardState } from './model.ts';

export interface Command {
  readonly action: ActionName;
  readonly text: string;
  readonly keys: readonly string[];
}

/** What can be done on the screen below the palette, the best match of the query first. */
export function paletteCommands(state: DashboardState, query: string): readonly Command[] {
  const context = contextOf({ ...state, overlay: undefined, typing: undefined });
  const bindings: readonly (KeyBinding & { readonly action: ActionName })[] = bindingsIn(
    context,
    state.offered,
  );
  const commands = bindings.filter(({ isMove, action }) => isMove !== true && action !== 'palette');
  return fuzzyFilter(commands, query, ({ text }) => text);
}
