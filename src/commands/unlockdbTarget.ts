import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { liveRuns } from '../database/locks/liveRuns.ts';
import { lockablePostgres } from '../database/locks/lockablePostgres.ts';
import type { Surroundings } from '../database/locks/observation.ts';
import type { Lockable } from '../database/locks/unlock.ts';
import { lockableSqlite } from '../database/locks/lockableSqlite.ts';
import { databaseIsThere } from '../database/snapshots/snapshots.ts';
import { ensureProjectDatabase } from '../dagruns/runnerSpec.ts';
import { runsDirectory } from '../dagruns/runner.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import { endProjectLeftovers, findLeftovers } from '../stack/leftovers.ts';
import { releaseSpare, runningServices } from './dbQuiet.ts';
import type { DatabaseWork } from './dbTarget.ts';

/** @returns undefined when the project has no database yet. */
export async function lockableDatabase(parts: DatabaseWork): Promise<Lockable | undefined> {
  const { context, target, spec, project } = parts;
  if (!(await databaseIsThere(context, target))) return undefined;
  await releaseSpare(spec.runtimeDirectory);
  const lockable = target.description.kind === 'sqlite' ? lockableSqlite : lockablePostgres;
  return lockable(context, target, {
    surroundings: () => surroundingsOf(parts),
    helpers: {
      migrate: () => ensureProjectDatabase(context, project, spec),
      endLeftovers: async () => void (await endProjectLeftovers(context, project, spec.runtimeDirectory)),
      restartService: (service) => restartService(parts, service),
    },
  });
}

async function surroundingsOf({ context, spec, target, project }: DatabaseWork): Promise<Surroundings> {
  const connection = await connectToSupervisor(spec.runtimeDirectory);
  // A supervisor that does not answer is no help, and no reason to give up.
  const services = connection === undefined ? [] : await runningServices(connection).catch(() => []);
  const leftovers =
    connection === undefined
      ? await findLeftovers(context, project, path.basename(spec.runtimeDirectory))
      : [];
  return {
    leftovers: leftovers.map(({ pid, description }) => ({ pid, description })),
    services: Object.fromEntries(services.map(({ name, pid }) => [name, pid])),
    liveRuns: await liveRuns(runsDirectory(spec.stateDirectory), target.description.name),
    preparing: await lockHolder(path.join(project.stateDirectory, project.database, 'lock')),
  };
}

/** Who holds a file lock, if it lives. */
async function lockHolder(file: string): Promise<{ readonly pid: number } | undefined> {
  try {
    const { pid, startTime } = JSON.parse(await readFile(file, 'utf8')) as {
      pid: number;
      startTime?: string;
    };
    return (await processStartTime(pid)) === startTime ? { pid } : undefined;
  } catch {
    return undefined;
  }
}

async function restartService({ spec }: DatabaseWork, service: string): Promise<void> {
  const connection = await connectToSupervisor(spec.runtimeDirectory);
  if (connection === undefined) return;
  for await (const event of connection.request({ kind: 'restart', services: [service], wait: true }))
    void event;
}
