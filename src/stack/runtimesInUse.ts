import path from 'node:path';
import { listProcesses, type RunningProcess } from '../platform/processTable.ts';

/** A preloaded process, known by its command line alone. */
export interface FoundPreload {
  readonly pid: number;
  /** Of the project, under whatever TMPDIR or XDG_RUNTIME_DIR it was started. */
  readonly runtimeDirectory: string;
}

/**
 * Every preloaded process of this user. Their sockets lie where the shell that started them keeps temporary files: in
 * another shell (of nix, of Slurm) that is another folder, and only their command lines tell of it.
 */
export async function findPreloads(platform: NodeJS.Platform): Promise<readonly FoundPreload[]> {
  return preloadsAmong(await listProcesses(platform), process.getuid?.() ?? -1);
}

export function preloadsAmong(processes: readonly RunningProcess[], uid: number): readonly FoundPreload[] {
  const found = processes.flatMap((each) => {
    const socket = PRELOAD.exec(each.command.join('\0'))?.[1];
    return socket === undefined || each.uid !== uid
      ? []
      : [{ ...each, runtimeDirectory: path.dirname(socket) }];
  });
  return withoutForks(found).map(({ pid, runtimeDirectory }) => ({ pid, runtimeDirectory }));
}

/** Of processes with one command line, those that were not forked from another of them. */
export function withoutForks<Process extends RunningProcess>(found: readonly Process[]): readonly Process[] {
  return found.filter((each) => !found.some(({ pid }) => pid === each.parent));
}

/** Of a project: the folder of this shell first, then those of others in which something of it runs. */
export function runtimesOfProject(own: string, found: readonly FoundPreload[]): readonly string[] {
  // The name is a hash of the project's path; only the folder above differs.
  const others = found
    .map((each) => each.runtimeDirectory)
    .filter((each) => path.basename(each) === path.basename(own));
  return [...new Set([own, ...others])];
}

/** Words are separated by NUL where the system tells them apart. A child that was forked has the line of its parent. */
const PRELOAD = /airflow_devenv[\0 ]preload[\0 ](\/[^\0]*?\/[\da-f]{10}\/r-[^\0/ ]+\.sock)/;
