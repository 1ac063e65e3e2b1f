import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { ensureDatabaseServer } from '../database/database.ts';
import { OWN_WORK, withWaitsTold } from '../database/locks/watchWaits.ts';
import type { SnapshotTarget } from '../database/snapshots/snapshotTarget.ts';
import { hdfsSnapshotPart } from '../hdfs/daemon/hdfsSnapshot.ts';
import { projectSpec, type ProjectSpec } from '../dagruns/runnerSpec.ts';
import { loadProject } from '../config/loadProject.ts';
import { createCommandProgress, type CommandProgress } from '../ui/commandProgress.ts';
import { canAsk, confirm } from '../ui/confirm.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { requireTrustedRequirements } from './trustedProject.ts';

export interface DatabaseFlags extends GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly yes?: boolean;
}

/** What commands on the database as a whole work with. */
export interface DatabaseWork {
  readonly context: Context;
  readonly project: Project;
  readonly spec: ProjectSpec;
  readonly target: SnapshotTarget;
  readonly progress: CommandProgress;
  /** True when a person said yes, now or with `--yes`. Undefined when there is nobody to ask. */
  readonly agree: (question: string) => Promise<boolean | undefined>;
}

/**
 * Opens the project's database for work on the whole of it, and shows the steps on stderr.
 *
 * @param needs.server whether Postgres has to run.
 * @param needs.waitsTold false for a command that looks at locks itself.
 */
export async function withDatabase<T>(
  commandHost: CommandHost,
  flags: DatabaseFlags,
  needs: { readonly server: boolean; readonly waitsTold?: boolean },
  work: (parts: DatabaseWork) => Promise<T>,
): Promise<T> {
  const { host } = commandHost;
  const progress = createCommandProgress(host, { quiet: flags.quiet === true || flags.json === true });
  try {
    const context = commandContext(commandHost, flags, progress.emit);
    const project = await loadProject(context, { configFile: flags.config });
    await requireTrustedRequirements(context, project);
    const spec = await projectSpec(context, project);
    const target = snapshotTarget(context, project, spec);
    if (needs.server) await ensureDatabaseServer(context, project, spec.environment, target);
    const ask = async (question: string): Promise<boolean | undefined> => {
      if (flags.yes === true) return true;
      return canAsk(host) && flags.json !== true ? confirm(host, question) : undefined;
    };
    const parts = { context, project, spec, target, progress };
    if (needs.waitsTold === false) return await work({ ...parts, agree: ask });
    return await withWaitsTold(context, project, OWN_WORK, (watch) =>
      work({ ...parts, agree: (question) => ask(question).finally(() => watch.alive()) }),
    );
  } finally {
    progress.close();
  }
}

/** Data beside the database that belong into a snapshot are named here, as parts. */
function snapshotTarget(context: Context, project: Project, spec: ProjectSpec): SnapshotTarget {
  return {
    project,
    environment: spec.environment,
    airflowEnvironment: spec.airflowEnvironment,
    description: spec.database,
    parts: [hdfsSnapshotPart(context, project.stateDirectory)],
  };
}
