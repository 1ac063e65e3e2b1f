import { CONTEXT_TITLES, keyTitle } from './keyTitles.ts';
import { KEY_BINDINGS, type KeyBinding, type KeyContext } from './keys.ts';

/** `docs/keys.md`, from the one table of keys. */
export function keysDocument(): string {
  const contexts = Object.keys(CONTEXT_TITLES) as KeyContext[];
  return [INTRODUCTION, ...contexts.map(section).filter((text) => text !== '')].join('\n\n') + '\n';
}

const INTRODUCTION = `<!-- Written by scripts/generate-keys.mjs from src/ui/tui/keys.ts. -->

# Keys of the dashboard

\`devenv up\` in a terminal opens the dashboard; \`devenv attach\` opens it again. \`?\` shows the keys of the screen that
is open, \`:\` finds a command by its name. Some keys are there only when what they do can be done.`;

function section(context: KeyContext): string {
  const bindings: readonly KeyBinding[] = KEY_BINDINGS.filter((each) => each.context === context);
  if (bindings.length === 0) return '';
  const rows = bindings.map(({ keys, text }) => `| ${keys.map(titleInCode).join(' ')} | ${text} |`);
  return [`## ${CONTEXT_TITLES[context]}`, '', '| Key | What it does |', '| --- | --- |', ...rows].join('\n');
}

function titleInCode(key: string): string {
  return `\`${keyTitle(key)}\``;
}
