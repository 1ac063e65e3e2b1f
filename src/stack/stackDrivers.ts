import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import type { EmitProgress } from '../events.ts';
import { DevenvError } from '../errors.ts';
import { sqlitePath } from '../database/describeDatabase.ts';
import { ensureDatabaseServer, databaseServerPid, stopDatabase } from '../database/database.ts';
import { hdfsPid, stopHdfs } from '../hdfs/daemon/ensureHdfs.ts';
import { controlSocket, startRunner } from '../dagruns/runner.ts';
import { ensureProjectDatabase, type ProjectSpec } from '../dagruns/runnerSpec.ts';
import type { Launch, ServiceLauncher, ServiceProcess } from '../runtimes/runtime.ts';
import { airflowService } from '../services/airflowService.ts';
import { JOB_TYPES } from '../services/airflowServices.ts';
import type { ServiceDriver } from '../services/driver.ts';
import { kubernetesService } from '../services/kubernetesService.ts';
import { hdfsService } from '../services/hdfsService.ts';
import { migrateTask } from '../services/migrateTask.ts';
import { postgresService } from '../services/postgresService.ts';
import { preloadService } from '../services/preloadService.ts';
import { apiAnswers } from '../services/apiReadiness.ts';
import type { JobTable } from '../services/jobTable.ts';
import { sqliteHeartbeatSince } from '../services/sqliteHeartbeats.ts';
import { serviceEnvironment, type StackAccess } from '../services/serviceEnvironment.ts';

/** What is known once the environment is there. */
export interface PreparedStack {
  readonly project: Project;
  readonly spec: ProjectSpec;
  readonly stackId: string;
  /** It changes when somebody else is faster to listen on it. */
  readonly port: () => number;
  readonly access: StackAccess;
  readonly logSocket: string;
  /** For services that are not forked. */
  readonly separate: ServiceLauncher;
  readonly forks: boolean;
  /** Of Postgres; a SQLite file is looked into by itself. */
  readonly jobs: JobTable | undefined;
  readonly warn: (text: string) => void;
}

type ClearJobs = (service: string) => Promise<void>;
type StartService = (launch: Launch) => Promise<ServiceProcess>;

/** The driver of every service of the stack. */
export function stackDrivers(context: Context, stack: PreparedStack): ReadonlyMap<string, ServiceDriver> {
  const { project, spec } = stack;
  let launcher = stack.forks ? undefined : stack.separate;
  /** A service that can't be forked is started by itself: slower, and with its own copy of Airflow in memory. */
  const start: StartService = async (launch) => {
    if (launcher === undefined) throw new Error('a service was to be started before the preloaded process');
    try {
      return await launcher.launch(launch);
    } catch (error) {
      if (!(error instanceof DevenvError) || error.code !== 'service_not_forked') throw error;
      stack.warn(`${launch.service} can't be forked and starts by itself. ${error.why ?? ''}`);
      return stack.separate.launch(launch);
    }
  };
  const options = { airflowEnvironment: spec.airflowEnvironment };
  const until = (signal: AbortSignal): Context => ({
    ...context,
    signal: AbortSignal.any([context.signal, signal]),
  });
  const clear = jobClearing(stack);
  const airflow = (service: string): ServiceDriver =>
    airflowDriver(context, stack, service, { start, clear });
  return new Map<string, ServiceDriver>([
    [
      'postgres',
      postgresService({
        start: (signal) => ensureDatabaseServer(until(signal), project, spec.environment, options),
        findPid: () => databaseServerPid(context, project),
        // To be stopped is what an aborted supervisor still has to do.
        stop: () => stopDatabase({ ...context, signal: new AbortController().signal }, project),
      }),
    ],
    [
      'hdfs',
      hdfsService({
        start: (signal, onProgress) => startHdfs(until(signal), project, onProgress, stack.warn),
        findPid: () => hdfsPid(context, project),
        stop: () => stopHdfs({ ...context, signal: new AbortController().signal }, project),
      }),
    ],
    [
      'kubernetes',
      kubernetesService({
        start: (signal, onProgress) => startCluster(until(signal), project, onProgress, stack.warn),
        isRunning: async () => {
          const { isClusterRunning } = await import('../kubernetes/clusterStatus.ts');
          return isClusterRunning(context, project);
        },
        stop: async () => {
          const { stopCluster } = await import('../kubernetes/stopCluster.ts');
          return stopCluster({ ...context, signal: new AbortController().signal }, project);
        },
      }),
    ],
    [
      'preload',
      preloadService({
        controlSocket: controlSocket(spec),
        platform: context.platform,
        start: () => startRunner(context, spec, { servicesFirst: true }),
        onConnected: (connected) => {
          launcher = connected;
        },
        onFailure: (error) => {
          launcher = stack.separate;
          stack.warn(`Airflow can't be preloaded; each service starts by itself, slower. ${String(error)}`);
        },
      }),
    ],
    ['migrate', migrateTask((signal) => ensureProjectDatabase(until(signal), project, spec))],
    ['api-server', airflow('api-server')],
    ...Object.keys(JOB_TYPES).map((name) => [name, airflow(name)] as const),
  ]);
}

/** It is there before anything that may ask for its files. */
async function startHdfs(
  context: Context,
  project: Project,
  onProgress: (detail: string) => void,
  warn: (text: string) => void,
): Promise<void> {
  const { prepareHdfs } = await import('../hdfs/openHdfs.ts');
  await prepareHdfs(context, project);
  if (project.hdfs !== undefined && project.hdfs.seed.length > 0) {
    onProgress('putting seed files');
    const { seedHdfs } = await import('../hdfs/seed/seedHdfs.ts');
    await seedHdfs(context, project);
  }
  if (project.artifacts === undefined) return;
  const { prepareArtifacts } = await import('../artifacts/prepareArtifacts.ts');
  const emit: EmitProgress = (event) => (event.type === 'step' ? onProgress(event.text) : warn(event.text));
  await prepareArtifacts({ ...context, emit }, project);
}

async function startCluster(
  context: Context,
  project: Project,
  onProgress: (detail: string) => void,
  warn: (text: string) => void,
): Promise<boolean> {
  if (project.kubernetes === undefined) return false;
  const { ensureCluster } = await import('../kubernetes/ensureCluster.ts');
  try {
    await ensureCluster(context, project, project.kubernetes, { progress: onProgress, warn });
    return true;
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'engine_not_found') throw error;
    warn(`${error.what} ${error.why ?? ''} Everything but pods works.`);
    return false;
  }
}

function airflowDriver(
  context: Context,
  stack: PreparedStack,
  service: string,
  { start, clear }: { readonly start: StartService; readonly clear: ClearJobs },
): ServiceDriver {
  return airflowService({
    start: () => start(launchOf(stack, service)),
    clear: () => clear(service),
    lastSign: (startedAt) => lastSign(stack, service, startedAt, context.now),
    waitsFor: service === 'api-server' ? 'until it answers' : 'for its first heartbeat',
    now: context.now,
  });
}

/**
 * Before a service starts. The API server has no jobs, and waits for those that are just being cleared: its
 * application takes the preloaded process a second, which nobody else should have to wait for.
 */
function jobClearing(stack: PreparedStack): ClearJobs {
  const inProgress = new Set<Promise<void>>();
  return async (service) => {
    if (service === 'api-server') {
      await Promise.allSettled(inProgress);
      // What waited for the same goes first.
      await nextTurn();
      return;
    }
    // A SQLite file is Airflow's alone: it finds out by itself, later.
    const clearing = stack.jobs?.retire(service) ?? Promise.resolve();
    inProgress.add(clearing);
    await clearing.finally(() => inProgress.delete(clearing));
  };
}

function launchOf(stack: PreparedStack, service: string): Launch {
  const { project, spec } = stack;
  return {
    service,
    environment: serviceEnvironment(service, {
      project,
      airflowVersion: spec.environment.airflowVersion,
      airflowEnvironment: spec.airflowEnvironment,
      port: stack.port(),
      access: stack.access,
      stackId: stack.stackId,
    }),
    importPaths: [...new Set(project.repositories.flatMap((each) => each.pythonPath))],
    pluginsFolders: project.repositories.flatMap((each) => each.pluginsFolders),
    logSocket: stack.logSocket,
    ...(service === 'api-server' ? { port: stack.port() } : {}),
  };
}

/** Milliseconds since the epoch. */
async function lastSign(
  stack: PreparedStack,
  service: string,
  startedAt: number,
  now: () => number,
): Promise<number | undefined> {
  const { environment, database } = stack.spec;
  if (service === 'api-server') {
    return (await apiAnswers(stack.port(), environment.airflowVersion)) ? now() : undefined;
  }
  if (stack.jobs !== undefined) return stack.jobs.lastSince(service, startedAt);
  return sqliteHeartbeatSince(sqlitePath(stack.project, database.name), service, startedAt);
}
