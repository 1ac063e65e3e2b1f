import { accessKey } from '../airflow/keys.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { ensureDatabaseServer, databaseServerPid, stopDatabase } from '../database/database.ts';
import { controlSocket, startRunner } from '../dagruns/runner.ts';
import { ensureProjectDatabase, type ProjectSpec } from '../dagruns/runnerSpec.ts';
import type { Launch, ServiceLauncher } from '../runtimes/runtime.ts';
import { airflowService } from '../services/airflowService.ts';
import { JOB_TYPES } from '../services/airflowServices.ts';
import type { ServiceDriver } from '../services/driver.ts';
import { migrateTask } from '../services/migrateTask.ts';
import { postgresService } from '../services/postgresService.ts';
import { preloadService } from '../services/preloadService.ts';
import { apiHealth, heartbeatsSince } from '../services/readiness.ts';
import { retireJobs } from '../services/retireJobs.ts';
import { serviceEnvironment } from '../services/serviceEnvironment.ts';

/** What is known once the environment is there. */
export interface PreparedStack {
  readonly project: Project;
  readonly spec: ProjectSpec;
  readonly stackId: string;
  readonly port: number;
  readonly logSocket: string;
  /** For services that are not forked. */
  readonly separate: ServiceLauncher | undefined;
}

/** The driver of every service of the stack. */
export function stackDrivers(
  context: Context,
  stack: PreparedStack,
): { readonly drivers: ReadonlyMap<string, ServiceDriver>; readonly launcher: () => ServiceLauncher } {
  const { project, spec } = stack;
  let launcher = stack.separate;
  const currentLauncher = (): ServiceLauncher => {
    if (launcher === undefined) throw new Error('a service was to be started before the preloaded process');
    return launcher;
  };
  const options = { airflowEnvironment: spec.airflowEnvironment };
  const drivers = new Map<string, ServiceDriver>([
    [
      'postgres',
      postgresService({
        start: () => ensureDatabaseServer(context, project, spec.environment, options),
        findPid: () => databaseServerPid(context, project),
        stop: () => stopDatabase(context, project),
      }),
    ],
    [
      'preload',
      preloadService({
        controlSocket: controlSocket(spec),
        start: () => startRunner(context, spec),
        onConnected: (connected) => {
          launcher = connected;
        },
      }),
    ],
    ['migrate', migrateTask(() => ensureProjectDatabase(context, project, spec))],
    ['api-server', airflowDriver(context, stack, 'api-server', currentLauncher)],
    ...Object.keys(JOB_TYPES).map(
      (name) => [name, airflowDriver(context, stack, name, currentLauncher)] as const,
    ),
  ]);
  return { drivers, launcher: currentLauncher };
}

function airflowDriver(
  context: Context,
  stack: PreparedStack,
  service: string,
  launcher: () => ServiceLauncher,
): ServiceDriver {
  return airflowService({
    launcher,
    launch: () => launchOf(stack, service),
    clear: () => clearJobs(stack, service),
    lastSign: (startedAt) => lastSign(stack, service, startedAt, context.now),
    waitsFor: service === 'api-server' ? 'until it answers' : 'for its first heartbeat',
    now: context.now,
  });
}

/** A SQLite file is Airflow's alone: it finds out by itself, later. */
async function clearJobs({ spec }: PreparedStack, service: string): Promise<void> {
  const { socketDirectory, name } = spec.database;
  if (socketDirectory !== undefined) await retireJobs({ socketDirectory, name }, service);
}

function launchOf(stack: PreparedStack, service: string): Launch {
  const { project, spec } = stack;
  return {
    service,
    environment: serviceEnvironment(service, {
      project,
      airflowVersion: spec.environment.airflowVersion,
      airflowEnvironment: spec.airflowEnvironment,
      port: stack.port,
      accessKey: accessKey(spec.keys),
      stackId: stack.stackId,
    }),
    importPaths: [...new Set(project.repositories.flatMap((each) => each.pythonPath))],
    pluginsFolders: project.repositories.flatMap((each) => each.pluginsFolders),
    logSocket: stack.logSocket,
    ...(service === 'api-server' ? { port: stack.port } : {}),
  };
}

/** Milliseconds since the epoch. Heartbeats come from Postgres; a SQLite file is Airflow's alone, so its API tells. */
async function lastSign(
  stack: PreparedStack,
  service: string,
  startedAt: number,
  now: () => number,
): Promise<number | undefined> {
  const { environment, database } = stack.spec;
  if (service !== 'api-server' && database.socketDirectory !== undefined) {
    const place = { socketDirectory: database.socketDirectory, name: database.name };
    return (await heartbeatsSince(place, startedAt))[service];
  }
  const health = await apiHealth(stack.port, environment.airflowVersion);
  if (service === 'api-server') return health === undefined ? undefined : now();
  const beat = health?.heartbeats[service];
  return beat === undefined || beat < startedAt ? undefined : beat;
}
