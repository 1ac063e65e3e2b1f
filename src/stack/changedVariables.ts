type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Names of the variables that services have with another value than a shell has now, sorted: those that a person
 * exports, and not those that every terminal and every shell sets for itself.
 */
export function changedVariables(ofServices: Environment, ofShell: Environment): readonly string[] {
  const names = new Set([...Object.keys(ofServices), ...Object.keys(ofShell)]);
  return [...names]
    .filter((name) => !OF_THE_TERMINAL.test(name) && ofServices[name] !== ofShell[name])
    .toSorted();
}

const OF_THE_TERMINAL = new RegExp(
  String.raw`^(?:_|PWD|OLDPWD|SHLVL|SHELL|PS\d|PROMPT\w*|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CI|DISPLAY|EDITOR|PAGER|VISUAL` +
    String.raw`|WINDOWID|TMUX\w*|STY|HIST\w*|LS_COLORS|LESS\w*|MAIL|INVOCATION_ID|JOURNAL_STREAM|WAYLAND_\w*|DBUS_\w*|GPG_TTY` +
    String.raw`|(?:TERM|COLORTERM|SSH|XDG|VTE|KITTY|ITERM|KONSOLE|WT|VSCODE|GNOME|INIT|npm|NVM|PYENV|VITEST|BASH|ZSH|FISH|NODE)(?:_\w*)?` +
    String.raw`|AIRFLOW_DEVENV_\w*|VIRTUAL_ENV\w*|CONDA_\w*|DIRENV_\w*)$`,
);
