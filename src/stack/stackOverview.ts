import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findServer } from '../database/findServer.ts';
import { connectToRunner } from '../dagruns/runConnection.ts';
import { listProcesses, type RunningProcess } from '../platform/processTable.ts';
import { connectToSupervisor } from './connection.ts';
import { currentView } from './currentView.ts';
import { preloadsAmong, withoutForks } from './runtimesInUse.ts';
import type { StackView } from './events.ts';

/** What there is of one project's stack, running or not. */
export interface StackOverview {
  readonly runtimeDirectory: string;
  /** Undefined when nothing that is there tells. */
  readonly project?: string;
  /** Undefined when no supervisor answers. */
  readonly stack?: StackView;
  readonly preloaded: readonly PreloadedProcess[];
  readonly database?: { readonly pid: number };
  /** Sockets at which nobody listens: left by something that was killed. */
  readonly stale: readonly string[];
}

export interface PreloadedProcess {
  readonly pid?: number;
  /** It takes no request: it still loads, or ends. */
  readonly silent?: true;
}

/** A supervisor that is stopped with Ctrl+Z, or busy to death, must not hold up a list of all. */
const ANSWER_MS = 5_000;

/**
 * @param directories runtime folders, as `runtimeDirectory` gives them.
 * @param environment of a shell, to be compared with what services have.
 */
export async function overviewStacks(
  directories: readonly string[],
  platform: NodeJS.Platform,
  environment?: Readonly<Record<string, string>>,
): Promise<readonly StackOverview[]> {
  const processes = await listProcesses(platform);
  return Promise.all(directories.map((each) => overview(each, { processes, platform, environment })));
}

interface Machine {
  readonly processes: readonly RunningProcess[];
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string>> | undefined;
}

async function overview(
  directory: string,
  { processes, platform, environment }: Machine,
): Promise<StackOverview> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.sock'));
  const runners = names.filter((name) => name.startsWith('r-'));
  const [stack, database, ...answers] = await Promise.all([
    viewOf(directory, environment),
    findServer(directory, platform),
    ...runners.map((name) => isListening(path.join(directory, name))),
  ]);
  const alive = runners.filter((_, index) => answers[index]);
  const preloaded = alive.map((name) => preloadedAt(path.join(directory, name), processes));
  const silent = preloadsAmong(processes, process.getuid?.() ?? -1).filter(
    ({ pid, runtimeDirectory }) =>
      runtimeDirectory === directory && !preloaded.some((each) => each.pid === pid),
  );
  const dead = runners.filter((_, index) => answers[index] === false);
  const supervisorIsDead = stack === undefined && names.includes('supervisor.sock');
  const project =
    stack?.project ??
    preloaded.find((each) => each.project !== undefined)?.project ??
    projectOf(database?.dataDirectory, 3);
  return {
    runtimeDirectory: directory,
    ...(project === undefined ? {} : { project }),
    ...(stack === undefined ? {} : { stack }),
    preloaded: [
      ...preloaded.map(({ pid }) => (pid === undefined ? {} : { pid })),
      ...silent.map(({ pid }) => ({ pid, silent: true as const })),
    ],
    ...(database === undefined ? {} : { database: { pid: database.pid } }),
    stale: [...(supervisorIsDead ? ['supervisor.sock'] : []), ...dead],
  };
}

async function viewOf(
  directory: string,
  environment: Machine['environment'],
): Promise<StackView | undefined> {
  try {
    const connection = await connectToSupervisor(directory);
    return connection && (await currentView(connection, AbortSignal.timeout(ANSWER_MS), environment));
  } catch {
    // It ended while we asked, or does not answer: what else runs says more.
    return undefined;
  }
}

async function isListening(socket: string): Promise<boolean> {
  const connection = await connectToRunner(socket, { kind: 'ping' });
  connection?.close();
  return connection !== undefined;
}

function preloadedAt(
  socket: string,
  processes: readonly RunningProcess[],
): { readonly pid?: number; readonly project?: string } {
  const [found] = withoutForks(
    processes.filter(
      ({ command }) =>
        command.join('\0').includes(`preload\0${socket}`) || command[0]?.endsWith(`preload ${socket}`),
    ),
  );
  if (found === undefined) return {};
  const project = projectOf(found.workingDirectory, 1);
  return { pid: found.pid, ...(project === undefined ? {} : { project }) };
}

/** The project's root lies so many folders above one in its `.devenv`. */
function projectOf(folder: string | undefined, levels: number): string | undefined {
  return folder === undefined
    ? undefined
    : path.resolve(folder, ...Array.from({ length: levels }, () => '..'));
}
