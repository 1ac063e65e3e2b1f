import { Command, Argument } from 'commander';
import { SERVICE_NAMES } from '../stack/serviceNames.ts';
import { type OutputStream, writeLines } from '../ui/output.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Words behind a command that are known beforehand; files everywhere else. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  completion: SHELLS,
  up: SERVICE_NAMES,
  restart: SERVICE_NAMES,
  logs: SERVICE_NAMES,
};

/** Prints a script; the shell evaluates it at start, so it must not call us back. */
export function completionCommand(root: Command, output: { stdout: OutputStream }): Command {
  return new Command('completion')
    .summary('print a completion script for your shell')
    .description(
      'Prints a completion script.\n\n  bash: eval "$(devenv completion bash)"\n' +
        '  zsh:  eval "$(devenv completion zsh)"\n  fish: devenv completion fish | source',
    )
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => {
      writeLines(output.stdout, [completionScript(root, shell).trimEnd()]);
    });
}

/** Commands, their flags, and the words we know; files everywhere else. */
function completionScript(root: Command, shell: Shell): string {
  const commands = root
    .createHelp()
    .visibleCommands(root)
    .filter((each) => each.name() !== 'help')
    .map((each) => ({
      name: each.name(),
      summary: each.summary(),
      flags: each.options.flatMap((option) => (option.long && !option.hidden ? [option.long] : [])),
      words: WORDS[each.name()] ?? [],
    }));
  if (shell === 'fish') return fish(commands);
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}` : bash(commands);
}

type Commands = readonly {
  name: string;
  summary: string;
  flags: readonly string[];
  words: readonly string[];
}[];

/** The command's name need not be the first word: `devenv -C folder up`. */
function bash(commands: Commands): string {
  const names = commands.map((each) => each.name).join(' ');
  const cases = commands
    .map((each) => `    ${each.name}) flags="${each.flags.join(' ')}" words="${each.words.join(' ')}" ;;`)
    .join('\n');
  return `_devenv() {
  local word="\${COMP_WORDS[COMP_CWORD]}" flags="" words="" name="" each=1
  while [ "$each" -lt "$COMP_CWORD" ]; do
    case "\${COMP_WORDS[each]}" in
      -C|--directory|--config) each=$((each + 2)); continue ;;
      -*) each=$((each + 1)); continue ;;
    esac
    name="\${COMP_WORDS[each]}"; break
  done
  if [ -z "$name" ]; then
    case "\${COMP_WORDS[COMP_CWORD-1]}" in
      -C|--directory|--config) COMPREPLY=($(compgen -f -- "$word")) ;;
      *) COMPREPLY=($(compgen -W "${names} --help --version --directory --config" -- "$word")) ;;
    esac
    return
  fi
  case "$name" in
${cases}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags --help" -- "$word")) ;;
    *) if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word"))
      else COMPREPLY=($(compgen -f -- "$word")); fi ;;
  esac
}
complete -o filenames -F _devenv devenv airflow-devenv
`;
}

function fish(commands: Commands): string {
  const lines = ['devenv', 'airflow-devenv'].flatMap((program) =>
    commands.flatMap((each) => {
      const behind = `complete -c ${program} -n '__fish_seen_subcommand_from ${each.name}'`;
      return [
        `complete -c ${program} -n __fish_use_subcommand -a ${each.name} -d '${fishText(each.summary)}'`,
        ...each.flags.map((flag) => `${behind} -l ${flag.slice(2)}`),
        ...(each.words.length === 0 ? [] : [`${behind} -f -a '${each.words.join(' ')}'`]),
      ];
    }),
  );
  return `${lines.join('\n')}\n`;
}

function fishText(text: string): string {
  return text.replaceAll(/['\\]/g, String.raw`\$&`);
}
