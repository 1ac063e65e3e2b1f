import path from 'node:path';

export interface ShellRequest {
  /** Path of the shell. */
  readonly shell: string;
  /** Where the files are going to lie. */
  readonly folder: string;
  /** For the prompt. */
  readonly name: string;
  /** The environment's programs. */
  readonly binaries: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ShellStart {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Name in the folder -> text. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * How a shell is started so that its own start files count, and afterwards the environment's programs still come
 * first (many start files put others before them) and the prompt says where one is.
 */
export function shellFiles(request: ShellRequest): ShellStart {
  const hint = `(devenv ${request.name.replaceAll(/[^\p{L}\p{N}._ -]/gu, '_')}) `;
  const common = { DEVENV_SHELL: request.name };
  switch (path.basename(request.shell)) {
    case 'bash':
      return {
        args: ['--rcfile', path.join(request.folder, 'bashrc'), '-i'],
        env: common,
        files: { bashrc: bashrc(request, hint) },
      };
    case 'zsh':
      return {
        args: ['-i'],
        env: { ...common, ZDOTDIR: request.folder, DEVENV_ZDOTDIR: request.env['ZDOTDIR'] ?? '' },
        files: { '.zshenv': ZSHENV, '.zshrc': zshrc(request, hint) },
      };
    case 'fish':
      return { args: ['--init-command', fishInit(request, hint)], env: common, files: {} };
    default:
      return { args: [], env: { ...common, PS1: `${hint}$ ` }, files: {} };
  }
}

function bashrc({ binaries }: ShellRequest, hint: string): string {
  return `[ -f ~/.bashrc ] && . ~/.bashrc
export PATH=${quote(binaries)}:"$PATH"
PS1=${quote(hint)}"$PS1"
`;
}

const ZSHENV = `_devenv_folder=$ZDOTDIR
ZDOTDIR=\${DEVENV_ZDOTDIR:-$HOME}
[ -f "$ZDOTDIR/.zshenv" ] && . "$ZDOTDIR/.zshenv"
_devenv_zdotdir=$ZDOTDIR
ZDOTDIR=$_devenv_folder
`;

function zshrc({ binaries, folder }: ShellRequest, hint: string): string {
  return `ZDOTDIR=$_devenv_zdotdir
# /etc/zshrc of macOS has already made it from our folder.
[ "$HISTFILE" = ${quote(path.join(folder, '.zsh_history'))} ] && HISTFILE=$ZDOTDIR/.zsh_history
[ -f "$ZDOTDIR/.zshrc" ] && . "$ZDOTDIR/.zshrc"
unset DEVENV_ZDOTDIR _devenv_folder _devenv_zdotdir
export PATH=${quote(binaries)}:"$PATH"
PS1=${quote(hint)}"$PS1"
`;
}

function fishInit({ binaries }: ShellRequest, hint: string): string {
  return `fish_add_path --prepend --move --path ${quote(binaries)}
functions -c fish_prompt _devenv_prompt
function fish_prompt; printf '%s' ${quote(hint)}; _devenv_prompt; end`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
