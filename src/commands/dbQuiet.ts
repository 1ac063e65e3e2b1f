import path from 'node:path';
import { readdir } from 'node:fs/promises';
import { liveRuns } from '../database/locks/liveRuns.ts';
import { DevenvError } from '../errors.ts';
import { connectToRunner } from '../dagruns/runConnection.ts';
import { runsDirectory } from '../dagruns/runner.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import { currentView } from '../stack/currentView.ts';
import type { ServiceView } from '../stack/events.ts';
import type { StackConnection } from '../stack/protocol.ts';
import type { DatabaseWork } from './dbTarget.ts';

/**
 * Does work that wants the database for itself: the warm runner gives its connection back, and services of a stack
 * that runs are stopped for so long, when the person agrees.
 *
 * @throws DevenvError `runs_in_progress`, `stack_in_the_way` (misuse).
 */
export async function withQuietDatabase<T>(parts: DatabaseWork, work: () => Promise<T>): Promise<T> {
  const { context, spec, target, progress } = parts;
  const runs = await liveRuns(runsDirectory(spec.stateDirectory), target.description.name);
  if (runs.length > 0) throw runsInProgress(runs.map((each) => `${each.dagId} ${each.runId}`));
  await releaseSpare(spec.runtimeDirectory);
  const connection = await connectToSupervisor(spec.runtimeDirectory);
  const running = connection === undefined ? [] : await runningServices(connection);
  if (connection === undefined || running.length === 0) return work();
  const names = running.map((each) => each.name);
  const question = `The stack runs. Stop ${names.join(', ')} for a moment?`;
  if ((await parts.agree(question)) !== true) throw stackInTheWay(names);
  progress.note(`Stopping ${names.join(', ')} for a moment`);
  await finish(connection, { kind: 'stop', services: names });
  try {
    return await work();
  } finally {
    context.emit({ type: 'message', level: 'info', text: `Starting ${names.join(', ')} again` });
    await finish(connection, { kind: 'start', services: names, wait: true });
  }
}

/** The warm runner's forked spare has a connection; the next run forks another. */
export async function releaseSpare(runtimeDirectory: string): Promise<void> {
  const names = await readdir(runtimeDirectory).catch(() => []);
  for (const name of names.filter((each) => each.startsWith('r-') && each.endsWith('.sock'))) {
    const runner = await connectToRunner(path.join(runtimeDirectory, name), { kind: 'release' });
    if (runner === undefined) continue;
    // One that is stopped (Ctrl+Z, a debugger) does not answer; its connection is found in the way later, by name.
    const patience = setTimeout(() => runner.close(), ANSWER_MS);
    try {
      for await (const { event } of runner.events) if ((event as string) === 'released') break;
    } catch {
      // It was closed while we waited.
    } finally {
      clearTimeout(patience);
      runner.close();
    }
  }
}

const ANSWER_MS = 3_000;

/** Services of the stack that use the database and are not stopped, in the order in which they start. */
export async function runningServices(connection: StackConnection): Promise<readonly ServiceView[]> {
  const view = await currentView(connection, AbortSignal.timeout(5_000));
  return (view?.services ?? []).filter(
    (each) => !NOT_IN_THE_WAY.has(each.name) && !['stopped', 'failed', 'completed'].includes(each.status),
  );
}

const NOT_IN_THE_WAY = new Set(['postgres', 'hdfs', 'kubernetes', 'preload', 'migrate']);

async function finish(
  connection: StackConnection,
  request: Parameters<StackConnection['request']>[0],
): Promise<void> {
  for await (const event of connection.request(request)) void event;
}

function runsInProgress(runs: readonly string[]): DevenvError {
  return new DevenvError({
    code: 'runs_in_progress',
    what: `The database has to be free for a moment, and ${runs.length === 1 ? 'a DAG run is' : 'DAG runs are'} in progress.`,
    why: runs.join(', '),
    next: ['Wait for the end of it, or stop it with Ctrl+C where it was started'],
  });
}

function stackInTheWay(names: readonly string[]): DevenvError {
  return new DevenvError({
    code: 'stack_in_the_way',
    what: `The database has to be free for a moment, and the stack uses it: ${names.join(', ')}.`,
    next: ['--yes stops these services for so long and starts them again', 'Or stop the stack: devenv down'],
    misuse: true,
  });
}
