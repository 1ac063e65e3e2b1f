import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { childVariables } from './childVariables.ts';

/**
 * Opens a page on disk in the person's browser. Not an address: it would be a word of the command line, which every user
 * of the machine can read, and so would what it holds.
 *
 * @returns false where there is none to open it: no display, or no program that opens addresses.
 */
export async function openInBrowser(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Promise<boolean> {
  for (const program of openers(env, platform))
    if (await starts(program, targetFor(program, file), env)) return true;
  return false;
}

function openers(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') return ['open'];
  // Under WSL the browser is Windows' own.
  if (env['WSL_DISTRO_NAME'] !== undefined) return ['wslview', 'xdg-open'];
  const hasDisplay = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['BROWSER']);
  return hasDisplay ? ['xdg-open', 'sensible-browser'] : [];
}

/** Windows' browser finds the file by the path that `wslview` makes of it. */
function targetFor(program: string, file: string): string {
  return program === 'wslview' ? file : pathToFileURL(file).href;
}

/** Openers end at once, or become the browser: who is still there after this has not failed. */
const LONG_ENOUGH_MS = 1_500;

function starts(
  program: string,
  target: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  return new Promise((resolve) => {
    // In a session of its own: the browser stays when the terminal is closed.
    const child = spawn(program, [target], { env: childVariables(env), detached: true, stdio: 'ignore' });
    const timer = setTimeout(() => resolve(true), LONG_ENOUGH_MS);
    const end = (opened: boolean): void => {
      clearTimeout(timer);
      resolve(opened);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
    child.unref();
  });
}
