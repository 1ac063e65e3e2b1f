import type { CompletableCommand } from './completableCommands.ts';

/**
 * For bash, and for zsh by its bashcompinit. The command's name need not be the first word: `devenv -C folder up`. The
 * bash of macOS is 3.2.
 */
export function bashScript(commands: readonly CompletableCommand[]): string {
  const names = commands.filter(({ name }) => !name.includes(' ')).map(({ name }) => name);
  // Two words first: the pattern of one word takes them, too.
  const cases = [...commands.filter(isBelow), ...commands.filter((each) => !isBelow(each))].map(
    (each) => `    "${each.name} "*) ${settings(each)} ;;`,
  );
  return `_devenv() {
  local word="\${COMP_WORDS[COMP_CWORD]}" line="" name="" flags="" words="" names="" files="" each=1 place
  place=()
  while [ "$each" -lt "$COMP_CWORD" ]; do
    case "\${COMP_WORDS[each]}" in
      -C|--directory|--config) place+=("\${COMP_WORDS[each]}" "\${COMP_WORDS[each+1]}"); each=$((each + 2)); continue ;;
      -*) ;;
      *) [ -n "$name" ] || name="\${COMP_WORDS[each]}"; line="$line\${COMP_WORDS[each]} " ;;
    esac
    each=$((each + 1))
  done
  if [ -z "$name" ]; then
    case "\${COMP_WORDS[COMP_CWORD-1]}" in
      -C|--directory|--config) COMPREPLY=($(compgen -f -- "$word")) ;;
      *) COMPREPLY=($(compgen -W "${names.join(' ')} --help --version --directory --config" -- "$word")) ;;
    esac
    return
  fi
  case "$line" in
${cases.join('\n')}
    *) files=yes ;;
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags --help" -- "$word")); return ;;
  esac
  [ -z "$names" ] || words="$words $("\${COMP_WORDS[0]}" \${place[@]+"\${place[@]}"} complete "$names" 2>/dev/null)"
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ -z "$files" ] || COMPREPLY+=($(compgen -f -- "$word"))
}
complete -o filenames -F _devenv devenv airflow-devenv
`;
}

function isBelow({ name }: CompletableCommand): boolean {
  return name.includes(' ');
}

function settings({ flags, words, names, files }: CompletableCommand): string {
  return [
    `flags="${flags.join(' ')}"`,
    `words="${words.map(({ name }) => name).join(' ')}"`,
    ...(names === undefined ? [] : [`names=${names}`]),
    ...(files ? ['files=yes'] : []),
  ].join(' ');
}
