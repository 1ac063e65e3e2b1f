import path from 'node:path';
import type { Context } from '../context.ts';
import type { EmitProgress } from '../events.ts';
import type { CommandHost } from './program.ts';

export interface GlobalOptions {
  readonly directory?: string;
  readonly config?: string;
}

/** The context of one command: `--directory` applied, progress going to its renderer. */
export function commandContext(
  { host, signal }: CommandHost,
  options: GlobalOptions,
  emit: EmitProgress,
): Context {
  return {
    env: host.env,
    platform: host.platform,
    workingDirectory: path.resolve(host.cwd(), options.directory ?? '.'),
    now: Date.now,
    emit,
    signal,
  };
}
