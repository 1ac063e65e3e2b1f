import { Argument, Command } from 'commander';
import { type OutputStream, writeLines } from '../../ui/output.ts';
import { bashScript } from './bashScript.ts';
import { completableCommands } from './completableCommands.ts';
import { fishScript } from './fishScript.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Prints a script for the shell to evaluate at its start; it asks `devenv complete` only for names of a project. */
export function completionCommand(root: Command, output: { stdout: OutputStream }): Command {
  return new Command('completion')
    .summary('print a completion script for your shell')
    .description(
      'Prints a completion script: commands, their options, services, DAGs and snapshots of the project.\n\n' +
        '  bash: eval "$(devenv completion bash)"\n' +
        '  zsh:  eval "$(devenv completion zsh)"\n  fish: devenv completion fish | source',
    )
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => {
      writeLines(output.stdout, [completionScript(root, shell).trimEnd()]);
    });
}

function completionScript(root: Command, shell: Shell): string {
  const commands = completableCommands(root);
  if (shell === 'fish') return fishScript(commands);
  const script = bashScript(commands);
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script;
}
