import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';
import { diskFullError } from '../platform/fileSystemError.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import { findInterpreters } from './pythonProbe.ts';
import { step } from './step.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/** The uv we install where PATH has none: the one everything here was tested with. */
const UV_VERSION = '0.13.8';
/** The first with relocatable virtual environments that we trust. */
const OLDEST_USABLE = [0, 4, 0];

/**
 * Absolute path of a uv that runs: the one on PATH, else one of our own in the cache, installed with pip when
 * missing (and then taken from the package index that pip is configured for).
 *
 * @throws DevenvError `python_not_found`, `uv_install_failed`.
 */
export async function ensureUv(context: Context): Promise<string> {
  for (const folder of (context.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))) {
    const uv = path.join(folder, 'uv');
    if (existsSync(uv) && (await isUsable(context, uv))) return uv;
  }
  const own = path.join(cacheDirectory(context), 'uv', UV_VERSION, 'bin', 'uv');
  if (existsSync(own) && (await isUsable(context, own))) return own;
  await install(context, own);
  return own;
}

async function isUsable(context: Context, uv: string): Promise<boolean> {
  try {
    const { stdout } = await runCommand(uv, ['--version'], {
      env: cleanEnvironment(context.env),
      signal: context.signal,
    });
    const version = /^uv (\d+)\.(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number);
    return version !== undefined && compare(version, OLDEST_USABLE) >= 0;
  } catch {
    context.signal.throwIfAborted();
    return false;
  }
}

function compare(left: readonly number[], right: readonly number[]): number {
  const index = left.findIndex((part, at) => part !== right[at]);
  return index === -1 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}

async function install(context: Context, uv: string): Promise<void> {
  const directory = path.dirname(path.dirname(uv));
  await withAnnouncedLock(context, `${directory}.lock`, 'another devenv that installs uv', async () => {
    if (existsSync(uv) && (await isUsable(context, uv))) return;
    await step(context, { id: 'uv', text: `Installing uv ${UV_VERSION}` }, () =>
      installAside(context, directory),
    );
  });
}

async function installAside(context: Context, directory: string): Promise<void> {
  const python = await pythonForUv(context);
  const aside = `${directory}.building`;
  const options = { env: cleanEnvironment(context.env), signal: context.signal };
  try {
    await rm(aside, { recursive: true, force: true });
    await makePrivateFolder(path.dirname(aside));
    await runCommand(python, ['-m', 'venv', aside], options);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `uv==${UV_VERSION}`];
    await runCommand(path.join(aside, 'bin', 'python'), pip, options);
    await rm(directory, { recursive: true, force: true });
    await rename(aside, directory);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => {});
    context.signal.throwIfAborted();
    throw installFailure(error, aside);
  }
}

function installFailure(error: unknown, directory: string): unknown {
  const why = error instanceof DevenvError ? (error.why ?? error.what) : String(error);
  if (/No space left on device|Disk quota exceeded/i.test(why))
    return diskFullError('install uv', directory, error);
  return new DevenvError({
    code: 'uv_install_failed',
    what: `Can't install uv ${UV_VERSION}, which prepares the Python environments.`,
    why,
    next: [
      'Check that pip reaches a package index: pip download uv --no-deps',
      'On Debian and Ubuntu, venv is a package of its own: apt install python3-venv',
      'Or install uv yourself, so that it is on PATH: https://docs.astral.sh/uv/',
    ],
    cause: error,
  });
}

async function pythonForUv(context: Context): Promise<string> {
  const found = await findInterpreters(context, ['3.12', '3.11', '3.13', '3.14'], { again: true });
  const first = found[0];
  if (first !== undefined) return first.executable;
  const older = await findInterpreters(context, ['3.10', '3.9', '3.8', '3.7', '3.6'], { again: true });
  throw new DevenvError({
    code: 'python_not_found',
    what: 'No usable Python was found on PATH: 3.11 or newer is needed.',
    why:
      older[0] === undefined
        ? 'There is no python3.12, python3.11 or python3 that runs.'
        : `The newest one that runs is Python ${older[0].version} at ${older[0].executable}.`,
    next: [
      'Install Python 3.12 or 3.11 (apt install python3.12 python3.12-venv, brew install python@3.12)',
      'Or install uv, which brings its own Python: https://docs.astral.sh/uv/',
    ],
  });
}
