import path from 'node:path';
import type { Context } from '../context.ts';
import { STACK_VARIABLE } from '../dagruns/runner.ts';
import { endGroup } from '../platform/processGroup.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { ancestorsOf, readNow, readProcessTree, type ProcessTree } from '../platform/processTree.ts';
import { DevenvError } from '../errors.ts';
import type { Leftover } from './plan.ts';
import { readStackRecord, type RecordedProcess } from './stackRecord.ts';

export interface LeftoverGroup extends Leftover {
  readonly group: number;
}

/**
 * Processes of an earlier stack of this project whose supervisor has gone: services, workers of a scheduler that
 * was killed, commands that a task had started. Nothing of a run that goes on under a living preloaded process.
 * The caller holds the supervisor's lock, so no supervisor lives.
 */
export async function findLeftovers(
  context: Pick<Context, 'platform'>,
  project: { readonly stateDirectory: string },
  stackId: string,
): Promise<readonly LeftoverGroup[]> {
  const record = await readStackRecord(project.stateDirectory);
  // Nothing has run since the last one has ended all of it: most of the time, and then there is nothing to look for.
  if (record?.open !== true) return [];
  const recorded = record.processes;
  const tree = await readProcessTree(context.platform);
  const alive = await aliveOf(recorded, context.platform);
  const groups = new Map<number, LeftoverGroup>();
  for (const each of alive.filter(({ service }) => service !== 'preload')) {
    groups.set(each.pid, { group: each.pid, pid: each.pid, description: each.service });
  }
  const deadSessions = new Set(
    recorded.filter((each) => each.service === 'preload' && !alive.includes(each)).map(({ pid }) => pid),
  );
  for (const each of tree.values()) {
    const known = deadSessions.has(each.session) || isMarked(each.pid, stackId, context.platform);
    if (!known || groups.has(each.group) || hasLivingParent(tree, each.pid)) continue;
    groups.set(each.group, { group: each.group, pid: each.pid, description: 'a process of a service' });
  }
  return [...groups.values()];
}

/**
 * Ends what an earlier stack has left, when no supervisor owns it.
 *
 * @returns what was ended.
 * @throws DevenvError `leftovers_not_ending`.
 */
export async function endProjectLeftovers(
  context: Pick<Context, 'platform'>,
  project: { readonly stateDirectory: string },
  runtimeDirectory: string,
): Promise<readonly LeftoverGroup[]> {
  const leftovers = await findLeftovers(context, project, path.basename(runtimeDirectory));
  const stubborn = await endGroups(leftovers);
  if (stubborn.length > 0) throw notEnding(stubborn.map((each) => each.pid));
  return leftovers;
}

/** @returns those that could not be ended. */
async function endGroups(leftovers: readonly LeftoverGroup[]): Promise<readonly LeftoverGroup[]> {
  const ended = await Promise.all(leftovers.map(({ group }) => endGroup(group, 2_000)));
  return leftovers.filter((_, index) => ended[index] === false);
}

async function aliveOf(
  recorded: readonly RecordedProcess[],
  platform: NodeJS.Platform,
): Promise<readonly RecordedProcess[]> {
  const alive = await Promise.all(
    recorded.map(async (each) => (await processStartTime(each.pid, platform)) === each.startTime),
  );
  return recorded.filter((_, index) => alive[index]);
}

function isMarked(pid: number, stackId: string, platform: NodeJS.Platform): boolean {
  if (platform !== 'linux') return false;
  return `\0${readNow(`/proc/${pid}/environ`)}`.includes(`\0${STACK_VARIABLE}=${stackId}\0`);
}

/**
 * Under a preloaded process, or being one, it is somebody's: that one ends what it must by itself. What was forked
 * from it has its command line, but does not lead a session.
 */
function hasLivingParent(tree: ProcessTree, pid: number): boolean {
  return [pid, ...ancestorsOf(tree, pid)].some(
    (each) =>
      tree.get(each)?.session === each &&
      readNow(`/proc/${each}/cmdline`).includes('airflow_devenv\0preload\0'),
  );
}

function notEnding(pids: readonly number[]): DevenvError {
  return new DevenvError({
    code: 'leftovers_not_ending',
    what: `Processes of an earlier stack can't be ended: ${pids.join(', ')}.`,
    why: 'Two schedulers must never run on one database.',
    next: [`End them, with the rights it takes: kill -9 ${pids.join(' ')}`],
  });
}
