import { statSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import type { EmitProgress } from '../events.ts';
import { assertOwnCache } from '../platform/paths.ts';
import type { CommandHost } from './commandHost.ts';

export interface GlobalOptions {
  readonly directory?: string;
  readonly config?: string;
}

/**
 * The context of one command: `--directory` applied, progress going to its renderer.
 *
 * @throws DevenvError `directory_missing`, `cache_directory_unsafe` (misuse).
 */
export function commandContext(
  { host, signal }: CommandHost,
  options: GlobalOptions,
  emit: EmitProgress,
): Context {
  const workingDirectory = path.resolve(currentFolder(host), options.directory ?? '.');
  if (options.directory !== undefined) assertFolder(workingDirectory);
  assertOwnCache(host);
  return {
    env: host.env,
    platform: host.platform,
    workingDirectory,
    now: Date.now,
    emit,
    signal,
  };
}

/** Another program may have removed the folder of the shell. */
export function currentFolder(host: Pick<NodeJS.Process, 'cwd'>): string {
  try {
    return host.cwd();
  } catch (cause) {
    throw new DevenvError({
      code: 'directory_missing',
      what: 'The folder that this shell is in has been removed.',
      next: ['cd into a folder that exists'],
      misuse: true,
      cause,
    });
  }
}

function assertFolder(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new DevenvError({
    code: 'directory_missing',
    what: `There is no folder ${directory}.`,
    why: 'It is named by -C, and the command works as if it had been started there.',
    next: ['Name a folder that exists, or leave -C out'],
    misuse: true,
  });
}
