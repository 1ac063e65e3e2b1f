import type { Argument, Command } from 'commander';
import { SERVICE_NAMES } from '../../stack/serviceNames.ts';

/** Names that only the project knows: `devenv complete KIND` prints them, a line each. */
export const PROJECT_NAMES = ['dags', 'snapshots'] as const;
export type ProjectNames = (typeof PROJECT_NAMES)[number];

export interface CompletableCommand {
  /** One word, or two for what a command has below it. */
  readonly name: string;
  readonly summary: string;
  /** With their dashes. */
  readonly flags: readonly string[];
  /** Sub-commands and other words known beforehand. */
  readonly words: readonly { readonly name: string; readonly summary: string }[];
  readonly names?: ProjectNames;
  /** Whether a file may stand there, too. */
  readonly files: boolean;
}

/** What stands behind the commands, beyond what their own declarations say. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  up: SERVICE_NAMES,
  restart: SERVICE_NAMES,
  logs: SERVICE_NAMES,
};
const NAMES: Readonly<Record<string, ProjectNames>> = {
  'run-dag': 'dags',
  'snapshot restore': 'snapshots',
  'snapshot rename': 'snapshots',
  'snapshot delete': 'snapshots',
  'snapshot diff': 'snapshots',
};

/** The commands that a person sees, those with commands below followed by these. */
export function completableCommands(root: Command): readonly CompletableCommand[] {
  return visible(root).flatMap((each) => [
    describe(each, each.name()),
    ...visible(each).map((below) => describe(below, `${each.name()} ${below.name()}`)),
  ]);
}

function describe(command: Command, name: string): CompletableCommand {
  const below = visible(command);
  const known = [...choices(command.registeredArguments), ...(WORDS[name] ?? [])];
  const names = NAMES[name];
  return {
    name,
    summary: command.summary() || firstSentence(command.description()),
    flags: command.options.flatMap((option) => (option.long && !option.hidden ? [option.long] : [])),
    words: [
      ...below.map((each) => ({ name: each.name(), summary: each.summary() || each.description() })),
      ...known.map((word) => ({ name: word, summary: '' })),
    ],
    ...(names === undefined ? {} : { names }),
    files: names === 'dags' || (below.length === 0 && known.length === 0 && names === undefined),
  };
}

function choices(declared: readonly Argument[]): readonly string[] {
  return declared.flatMap((each) => each.argChoices ?? []);
}

function visible(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
}

function firstSentence(text: string): string {
  return text.split(/[.\n]/, 1)[0] ?? '';
}
