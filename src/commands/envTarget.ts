import { ensureEnvironment, type Environment, type EnvironmentRequest } from '../airflow/environment.ts';
import { loadProject } from '../config/loadProject.ts';
import type { Context } from '../context.ts';
import { environmentRequest } from '../dagruns/runnerSpec.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { requireTrustedRequirements } from './trustedProject.ts';

export interface EnvironmentFlags extends GlobalOptions {
  readonly json?: boolean;
}

export interface EnvironmentWork {
  readonly context: Context;
  readonly request: EnvironmentRequest;
  readonly environment: Environment;
}

/** Works with the project's environment, which is made first when it is not there. */
export async function withEnvironment<T>(
  commandHost: CommandHost,
  flags: EnvironmentFlags,
  work: (parts: EnvironmentWork) => T | Promise<T>,
): Promise<T> {
  const progress = createCommandProgress(commandHost.host, { quiet: flags.json === true });
  const context = commandContext(commandHost, flags, progress.emit);
  try {
    const project = await loadProject(context, { configFile: flags.config });
    await requireTrustedRequirements(context, project);
    const request = environmentRequest(project);
    const environment = await ensureEnvironment(context, request);
    progress.close();
    return await work({ context, request, environment });
  } finally {
    progress.close();
  }
}
