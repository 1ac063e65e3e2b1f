import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import type { SecretsLockOptions } from '../seed/secrets/secretsFile.ts';
import type { CommandHost } from './commandHost.ts';

/** What every `devenv secrets …` works with. */
export interface SecretsWork {
  readonly context: Context;
  readonly project: Project;
  readonly flags: {
    readonly json?: boolean;
    readonly jsonValue?: boolean;
    readonly empty?: boolean;
    readonly fresh?: boolean;
    readonly yes?: boolean;
    readonly add?: readonly string[];
    readonly remove?: readonly string[];
  };
  readonly commandHost: CommandHost;
  readonly print: (...lines: readonly string[]) => void;
  /** To stderr. */
  readonly note: (...lines: readonly string[]) => void;
}

export function secretsLock({ context, note }: SecretsWork): SecretsLockOptions {
  return { signal: context.signal, note };
}
