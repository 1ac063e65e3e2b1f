import type { Command } from 'commander';
import type { CommandHost } from './commandHost.ts';
import { createRootCommand, inheritSettings } from './rootCommand.ts';
import { runDagCommand } from './runDag.ts';

/** The command line of `run-dag` alone. */
export function runDagProgram(commandHost: CommandHost, finish: (code: number) => void): Command {
  const root = createRootCommand(commandHost);
  root.addCommand(runDagCommand(commandHost, finish));
  inheritSettings(root);
  return root;
}
