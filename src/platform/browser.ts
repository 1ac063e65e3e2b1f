import { spawn } from 'node:child_process';

/**
 * Opens an address in the person's browser.
 *
 * @returns false where there is none to open it: no display, or no program that opens addresses.
 */
export async function openInBrowser(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Promise<boolean> {
  for (const program of openers(env, platform)) if (await starts(program, url, env)) return true;
  return false;
}

function openers(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') return ['open'];
  // Under WSL the browser is Windows' own.
  if (env['WSL_DISTRO_NAME'] !== undefined) return ['wslview', 'xdg-open'];
  const hasDisplay = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['BROWSER']);
  return hasDisplay ? ['xdg-open', 'sensible-browser'] : [];
}

/** Openers end at once, or become the browser: who is still there after this has not failed. */
const LONG_ENOUGH_MS = 1_500;

function starts(
  program: string,
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  return new Promise((resolve) => {
    // In a session of its own: the browser stays when the terminal is closed.
    const child = spawn(program, [url], { env: { ...env }, detached: true, stdio: 'ignore' });
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
