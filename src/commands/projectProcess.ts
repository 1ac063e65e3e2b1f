import path from 'node:path';
import type { Project } from '../config/project.ts';
import { loadProject } from '../config/loadProject.ts';
import type { Context } from '../context.ts';
import { ensureProjectDatabase, projectSpec, type ProjectSpec } from '../dagruns/runnerSpec.ts';
import { assetsDirectory } from '../platform/assets.ts';
import { runInForeground } from '../platform/foregroundProcess.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

export interface ProjectProcess {
  readonly file: string;
  readonly args: readonly string[];
  /** Beyond the project's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly terminateWith?: NodeJS.Signals;
}

export interface OpenProject {
  readonly context: Context;
  readonly project: Project;
  readonly spec: ProjectSpec;
}

/**
 * Runs a program of a person's choice in the project's environment, in our place.
 *
 * @param needs.database whether the database has to answer.
 * @returns its exit code.
 */
export async function runInProject(
  commandHost: CommandHost,
  options: GlobalOptions,
  needs: { readonly database: boolean },
  choose: (open: OpenProject) => ProjectProcess | Promise<ProjectProcess>,
): Promise<number> {
  const open = await openProject(commandHost, options, needs);
  const { file, args, env, terminateWith } = await choose(open);
  const { host } = commandHost;
  commandHost.handOverSignals();
  return runInForeground(file, args, {
    env: { ...interactiveEnvironment(open), ...env },
    cwd: open.context.workingDirectory,
    onInterrupt: commandHost.onInterrupt,
    sharesTerminal: [host.stdin, host.stdout, host.stderr].some((each) => each.isTTY),
    ...(terminateWith === undefined ? {} : { terminateWith }),
  });
}

/** The project of this command with its environment built and, when needed, its database up. */
export async function openProject(
  commandHost: CommandHost,
  options: GlobalOptions,
  needs: { readonly database: boolean; readonly quiet?: boolean },
): Promise<OpenProject> {
  const progress = createCommandProgress(commandHost.host, { quiet: needs.quiet ?? false });
  try {
    const context = commandContext(commandHost, options, progress.emit);
    const project = await loadProject(context, { configFile: options.config });
    const spec = await projectSpec(context, project);
    if (needs.database) await ensureProjectDatabase(context, project, spec);
    if (needs.database && project.hdfs !== undefined)
      await (await import('../hdfs/openHdfs.ts')).prepareHdfs(context, project);
    return { context, project, spec };
  } finally {
    progress.close();
  }
}

/** What a Python that a person starts sees: Airflow's settings, and the project's folders behind the packages. */
function interactiveEnvironment({ project, spec }: OpenProject): Record<string, string> {
  const startup = path.join(assetsDirectory(), 'airflow', 'python', 'startup');
  const given = spec.airflowEnvironment['PYTHONPATH'];
  const folders = project.repositories.flatMap((each) => each.pythonPath);
  return {
    ...spec.airflowEnvironment,
    PYTHONPATH: [startup, ...(given === undefined ? [] : [given])].join(path.delimiter),
    AIRFLOW_DEVENV_IMPORT_PATHS: [...new Set(folders)].join(path.delimiter),
    // Not one of the names whose idle connections we end ourselves.
    PGAPPNAME: 'devenv',
  };
}
