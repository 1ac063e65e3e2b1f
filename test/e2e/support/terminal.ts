import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Ignored by Git; CI keeps it. */
const ARTIFACTS = path.resolve(import.meta.dirname, '../../../test-artifacts');
const PROMPT = '$>';

/** A real terminal with a shell in it, in a tmux server of its own. Needs tmux. */
export interface Terminal extends AsyncDisposable {
  /** Keys as tmux names them: `q`, `Enter`, `C-c`, `Down`, or text. */
  press(...keys: readonly string[]): Promise<void>;
  /** Types a command line into the shell. */
  command(line: string): Promise<void>;
  /** What a person sees, without trailing blanks. */
  screen(): Promise<string>;
  /** Fails with the screen when the text, or what the condition wants, never comes. */
  waitFor(wanted: string | RegExp | ((screen: string) => boolean), timeout?: number): Promise<string>;
  /** Waits until the shell asks for the next command. */
  waitForShell(timeout?: number): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** Writes the screen to `test-artifacts/<folder>/<name>.txt`, and with its colours beside it. */
  keep(name: string): Promise<string>;
  /** What a program must leave as it was: the screen in use, the cursor, and the settings of the line. */
  modes(): Promise<string>;
  /** Kills the terminal itself with -9; what ran in it is told by the kernel only. */
  kill(): Promise<void>;
  /** Of the program in the foreground of the shell, its process group leader. */
  foregroundPid(): Promise<number>;
}

export async function openTerminal(options: {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Of the artifacts. */
  readonly folder: string;
}): Promise<Terminal> {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-terminal-'));
  const env = { ...options.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  // A terminal is what is tested here: no CI, no other tmux.
  for (const name of ['CI', 'TMUX', 'NO_COLOR']) delete (env as NodeJS.ProcessEnv)[name];
  const tmux = async (...words: readonly string[]): Promise<string> =>
    (
      await run('tmux', ['-S', path.join(folder, 'tmux'), '-f', '/dev/null', ...words], {
        env,
        cwd: options.cwd,
      })
    ).stdout;
  const size = ['-x', String(options.columns), '-y', String(options.rows)];
  await tmux('new-session', '-d', ...size, '-c', options.cwd, `env PS1='${PROMPT}' bash --norc --noprofile`);

  const screen = async (): Promise<string> =>
    (await tmux('capture-pane', '-p'))
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  const ask = async (format: string): Promise<string> => (await tmux('display-message', '-p', format)).trim();

  const terminal: Terminal = {
    screen,
    async press(...keys) {
      for (const key of keys) {
        await tmux('send-keys', key);
        // An Esc that other keys follow at once would be one with them.
        await sleep(key === 'Escape' ? 100 : 30);
      }
    },
    async command(line) {
      await tmux('send-keys', '-l', line);
      await tmux('send-keys', 'Enter');
    },
    async waitFor(wanted, timeout = 20_000) {
      const matches = matcher(wanted);
      const end = Date.now() + timeout;
      for (;;) {
        const seen = await screen();
        if (matches(seen)) return seen;
        if (Date.now() > end)
          throw new Error(`Not seen within ${timeout} ms: ${String(wanted)}. The screen:\n${seen}`);
        await sleep(50);
      }
    },
    waitForShell: (timeout) => terminal.waitFor((seen) => seen.endsWith(PROMPT), timeout),
    async resize(columns, rows) {
      await tmux('resize-window', '-x', String(columns), '-y', String(rows));
    },
    async keep(name) {
      const artifacts = path.join(ARTIFACTS, options.folder);
      await mkdir(artifacts, { recursive: true });
      const text = await screen();
      await writeFile(path.join(artifacts, `${name}.txt`), `${text}\n`);
      await writeFile(path.join(artifacts, `${name}.ansi`), await tmux('capture-pane', '-p', '-e'));
      return text;
    },
    async modes() {
      const tty = await ask('#{pane_tty}');
      const line = await run('stty', ['-g', '-F', tty]);
      return `${await ask('alternate #{alternate_on} cursor #{cursor_flag} mouse #{mouse_any_flag}')} ${line.stdout.trim()}`;
    },
    async foregroundPid() {
      const shell = await ask('#{pane_pid}');
      const { stdout } = await run('ps', ['-o', 'tpgid=', '-p', shell]);
      return Number(stdout.trim());
    },
    async kill() {
      process.kill(Number(await ask('#{pid}')), 'SIGKILL');
    },
    async [Symbol.asyncDispose]() {
      await tmux('kill-server').catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await terminal.waitForShell();
  } catch (error) {
    await terminal[Symbol.asyncDispose]();
    throw error;
  }
  return terminal;
}

function matcher(wanted: string | RegExp | ((screen: string) => boolean)): (screen: string) => boolean {
  if (typeof wanted === 'function') return wanted;
  return typeof wanted === 'string' ? (screen) => screen.includes(wanted) : (screen) => wanted.test(screen);
}
