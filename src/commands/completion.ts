import { Command, Argument } from 'commander';
import { type OutputStream, writeLines } from '../ui/output.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Prints a script; the shell evaluates it at start, so it must not call us back. */
export function completionCommand(root: Command, output: { stdout: OutputStream }): Command {
  return new Command('completion')
    .summary('print a completion script for your shell')
    .description(
      'Prints a completion script.\n\n  bash: eval "$(devenv completion bash)"\n  fish: devenv completion fish | source',
    )
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => {
      writeLines(output.stdout, [completionScript(root, shell).trimEnd()]);
    });
}

/** Commands and their flags; files everywhere else. */
function completionScript(root: Command, shell: Shell): string {
  const commands = root.commands.map((each) => ({
    name: each.name(),
    summary: each.summary(),
    flags: each.options.flatMap((option) => (option.long ? [option.long] : [])),
  }));
  if (shell === 'fish') return fish(commands);
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}` : bash(commands);
}

type Commands = readonly { name: string; summary: string; flags: readonly string[] }[];

function bash(commands: Commands): string {
  const cases = commands.map((each) => `    ${each.name}) flags="${each.flags.join(' ')}" ;;`).join('\n');
  return `_devenv() {
  local word="\${COMP_WORDS[COMP_CWORD]}" flags=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map((each) => each.name).join(' ')} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags --help" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _devenv devenv airflow-devenv
`;
}

function fish(commands: Commands): string {
  const lines = ['devenv', 'airflow-devenv'].flatMap((program) =>
    commands.flatMap((each) => [
      `complete -c ${program} -n __fish_use_subcommand -a ${each.name} -d '${fishText(each.summary)}'`,
      ...each.flags.map(
        (flag) => `complete -c ${program} -n '__fish_seen_subcommand_from ${each.name}' -l ${flag.slice(2)}`,
      ),
    ]),
  );
  return `${lines.join('\n')}\n`;
}

function fishText(text: string): string {
  return text.replaceAll(/['\\]/g, String.raw`\$&`);
}
