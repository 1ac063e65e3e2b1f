import type { Command } from 'commander';
import { buildProgram } from '../../../src/commands/buildProgram.ts';
import type { CommandHost } from '../../../src/commands/commandHost.ts';

export interface TableCommand {
  /** `snapshot save`, as a person types it. */
  readonly words: readonly string[];
  /** Placeholders for the arguments that it wants. */
  readonly required: number;
  /** Long names of the options that take a value. */
  readonly options: readonly string[];
}

/** Every command of the command line, below others too, that has no commands of its own. */
export function commandTable(): readonly TableCommand[] {
  return leaves(
    buildProgram({ host: process } as CommandHost, () => {}),
    [],
  );
}

function leaves(command: Command, words: readonly string[]): TableCommand[] {
  const below = command.commands.flatMap((each) => leaves(each, [...words, each.name()]));
  if (below.length > 0) return below;
  const options = command.options.filter((each) => each.required || each.optional);
  return [
    {
      words,
      required: command.registeredArguments.filter((each) => each.required).length,
      options: options.flatMap((each) => each.long ?? []),
    },
  ];
}
