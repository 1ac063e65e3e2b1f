import { listProcesses, type RunningProcess } from '../../platform/processTable.ts';

/** A server of HDFS, known by its command line alone. */
export interface FoundHdfsServer {
  readonly pid: number;
  /** `.devenv` of its project. */
  readonly stateDirectory: string;
}

/** Every server of HDFS of this user, whichever project's. */
export async function findHdfsServers(platform: NodeJS.Platform): Promise<readonly FoundHdfsServer[]> {
  return hdfsServersAmong(await listProcesses(platform), process.getuid?.() ?? -1);
}

export function hdfsServersAmong(
  processes: readonly RunningProcess[],
  uid: number,
): readonly FoundHdfsServer[] {
  return processes.flatMap((each) => {
    const stateDirectory = SERVER.exec(each.command.join('\0'))?.[1];
    return stateDirectory === undefined || each.uid !== uid ? [] : [{ pid: each.pid, stateDirectory }];
  });
}

/** Words are separated by NUL where the system tells them apart. */
const SERVER = /[\0 ]hdfs-server[\0 ]--state[\0 ](\/.+?)[\0 ]--superuser[\0 ]/;
