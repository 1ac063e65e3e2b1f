import { Command } from 'commander';
import { wantsJson } from '../ui/writeError.ts';
import { version } from '../version.ts';
import type { CommandHost } from './commandHost.ts';

/** `devenv` itself with the options of every command, and no command yet. */
export function createRootCommand({ host }: Pick<CommandHost, 'host'>): Command {
  const root = new Command('devenv')
    .description(
      'A real, personal Airflow: runs any DAG with one command. Without a command, on a terminal: devenv up.',
    )
    .version(version(), '-V, --version')
    .option('-C, --directory <folder>', 'work as if started in this folder')
    .option('--config <file>', 'use this devenv.yaml')
    .showHelpAfterError('(devenv --help lists the commands)')
    .exitOverride();
  if (wantsJson(host.argv)) root.configureOutput({ writeErr: () => {} });
  return root;
}

/** Once the commands are there: they throw instead of ending the process, as the root does, and name their help. */
export function inheritSettings(root: Command): void {
  for (const each of root.commands) {
    each.exitOverride().copyInheritedSettings(root).showHelpAfterError(optionsHint(each.name()));
    for (const below of each.commands) {
      const hint = optionsHint(`${each.name()} ${below.name()}`);
      below.exitOverride().copyInheritedSettings(root).showHelpAfterError(hint);
    }
  }
}

function optionsHint(command: string): string {
  return `(devenv ${command} --help shows its options)`;
}
