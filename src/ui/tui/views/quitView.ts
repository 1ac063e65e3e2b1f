import type { Style } from '../../style.ts';
import { cutColumns, padColumns } from '../../textWidth.ts';
import { KEY_BINDINGS } from '../keys.ts';
import type { DashboardState } from '../model.ts';
import { QUIT_CHOICES } from '../overlayActions.ts';
import { keyTitles } from '../keyTitles.ts';

/** The question before leaving; it stands where the footer is, so that the eye need not search. */
export function quitView(state: DashboardState, style: Style): string[] {
  if (state.overlay?.kind !== 'quit') return [];
  const { selected } = state.overlay;
  const { columns } = state.size;
  const lines = QUIT_CHOICES.map((choice, index) => {
    const binding = KEY_BINDINGS.find(({ context, action }) => context === 'quit' && action === choice);
    const keys = padColumns(keyTitles({ keys: binding?.keys ?? [] }), 10);
    const text = `${keys} ${binding?.text ?? ''}`;
    if (index !== selected) return cutColumns(`  ${text}`, columns);
    return style.inverse(cutColumns(padColumns(`› ${text}`, columns), columns));
  });
  return [cutColumns(style.bold('Leave the dashboard?'), columns), ...lines];
}
