import path from 'node:path';
import type { Context } from '../context.ts';
import { findHdfsServers } from '../hdfs/daemon/findHdfsServers.ts';
import { runtimeDirectories, runtimeFolder } from '../platform/paths.ts';
import { findPreloads } from './runtimesInUse.ts';
import { overviewStacks, type StackOverview } from './stackOverview.ts';

export interface ListedStack extends StackOverview {
  /** Its server of HDFS, which serves without a stack, too. */
  readonly hdfs?: { readonly pid: number };
}

/** Of every project of this user of which something runs, or was left by something that was killed. */
export async function allStacks(context: Pick<Context, 'env' | 'platform'>): Promise<readonly ListedStack[]> {
  const [own, preloads, servers] = await Promise.all([
    runtimeDirectories(context),
    findPreloads(context.platform),
    findHdfsServers(context.platform),
  ]);
  const known = new Set([...own, ...preloads.map((each) => each.runtimeDirectory)]);
  const names = new Set([...known].map((each) => path.basename(each)));
  const serving = servers.map(({ pid, stateDirectory }) => {
    const project = path.dirname(stateDirectory);
    return { pid, project, folder: runtimeFolder(context.env, project) };
  });
  const others = serving.filter(({ folder }) => !names.has(path.basename(folder)));
  const all = await overviewStacks([...known, ...others.map(({ folder }) => folder)], context.platform);
  return all
    .map((each): ListedStack => {
      const name = path.basename(each.runtimeDirectory);
      const server = serving.find(({ folder }) => path.basename(folder) === name);
      return server === undefined ? each : { project: server.project, ...each, hdfs: { pid: server.pid } };
    })
    .filter(isWorthALine);
}

function isWorthALine({ stack, preloaded, database, hdfs, stale }: ListedStack): boolean {
  return (
    stack !== undefined ||
    preloaded.length > 0 ||
    database !== undefined ||
    hdfs !== undefined ||
    stale.length > 0
  );
}
