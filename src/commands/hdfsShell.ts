import path from 'node:path';
import { findConfigFile } from '../config/findRoot.ts';
import { loadProject } from '../config/loadProject.ts';
import { DevenvError } from '../errors.ts';
import type { HdfsProject } from '../hdfs/hdfsProject.ts';
import type { ShellIo, ShellSession } from '../hdfs/shell/session.ts';
import { byteOutput, lineOutput } from '../ui/byteOutput.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

export interface HdfsPlaceRequest {
  readonly options: GlobalOptions;
  /** Known already by a program that devenv has written for one project. */
  readonly root?: string;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * Opens the project's HDFS for one command line of its shell, and closes it.
 *
 * @returns the exit code.
 * @throws DevenvError `hdfs_not_configured`, and what `openSession` throws.
 */
export async function withHdfsShell(
  commandHost: CommandHost,
  request: HdfsPlaceRequest,
  work: (session: ShellSession) => Promise<number>,
): Promise<number> {
  const { host } = commandHost;
  const progress = createCommandProgress(host, { quiet: true });
  const context = commandContext(commandHost, request.options, progress.emit);
  const configFile = await configFileOf(request, context.workingDirectory);
  const root = request.root ?? (configFile === undefined ? undefined : path.dirname(configFile));
  const project = async (): Promise<HdfsProject> =>
    configuredProject(await loadProject(context, { configFile }));
  const { openSession } = await import('../hdfs/shell/openSession.ts');
  const session = await openSession(context, {
    stateDirectory: path.join(root ?? (await project()).root, '.devenv'),
    configFile,
    loadProject: project,
    properties: request.properties,
    io: shellIo(commandHost, context.workingDirectory),
  });
  progress.close();
  try {
    return await work(session);
  } catch (error) {
    // `| head` has what it wants.
    if (error instanceof DevenvError && error.code === 'output_closed') return 1;
    throw error;
  } finally {
    session.files.close();
  }
}

async function configFileOf(
  { options, root }: HdfsPlaceRequest,
  workingDirectory: string,
): Promise<string | undefined> {
  if (options.config !== undefined) return path.resolve(workingDirectory, options.config);
  return findConfigFile(root ?? workingDirectory);
}

function configuredProject(project: HdfsProject): HdfsProject {
  if (project.hdfs !== undefined) return project;
  throw new DevenvError({
    code: 'hdfs_not_configured',
    what: `The project ${project.root} has no HDFS.`,
    next: ['Add a line to its devenv.yaml: hdfs: {}'],
    misuse: true,
  });
}

function shellIo({ host }: CommandHost, workingDirectory: string): ShellIo {
  return {
    write: byteOutput(host.stdout),
    warn: lineOutput(host.stderr),
    input: host.stdin,
    workingDirectory,
    now: Date.now,
  };
}
