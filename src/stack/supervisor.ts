import { randomBytes } from 'node:crypto';
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bundles } from '../airflow/airflowEnvironment.ts';
import { accessKey, keyTexts } from '../airflow/keys.ts';
import { HiddenTexts } from '../airflow/hiddenTexts.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { pythonSource } from '../dagruns/runner.ts';
import { projectSpec, type ProjectSpec } from '../dagruns/runnerSpec.ts';
import { DevenvError } from '../errors.ts';
import { settlePlace } from '../hdfs/daemon/settlePlace.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { describeEnd } from '../runtimes/runtime.ts';
import { withSupervisorLock } from './supervisorLock.ts';
import { separateServices } from '../runtimes/separateServices.ts';
import { AIRFLOW_SERVICES } from '../services/airflowServices.ts';
import { JobTable } from '../services/jobTable.ts';
import { linkedDagsFolder, type StackAccess } from '../services/serviceEnvironment.ts';
import { supervisorSocket } from './connection.ts';
import { PortClaims } from './portClaims.ts';
import { watchDags } from './dagWatcher.ts';
import { removeEnterPages } from './enterPage.ts';
import type { ServiceView } from './events.ts';
import { endAbandoned } from './endAbandoned.ts';
import { type FolderPresence, folderPresence } from './folderPresence.ts';
import { endProjectLeftovers } from './leftovers.ts';
import { openLogIntake } from './logIntake.ts';
import { LogStore } from './logStore.ts';
import { StackEngine } from './stackEngine.ts';
import { stackDrivers, type PreparedStack } from './stackDrivers.ts';
import { stackDefinitions } from './stackDefinitions.ts';
import { stackPort } from './stackPorts.ts';
import { uiHost } from './uiHost.ts';
import { serviceUrl } from './stackUrl.ts';
import { writeStackRecord, type RecordedProcess } from './stackRecord.ts';
import { StackNewsroom } from './stackNewsroom.ts';
import { handleRequest } from './stackRequests.ts';
import type { Supervised } from './supervised.ts';
import { serveRequests } from './supervisorServer.ts';
import { removeStaleAsides } from '../platform/atomicFile.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export interface SupervisorOptions {
  /** Of UI and API; chosen when absent. */
  readonly port: number | undefined;
  /** Whether Airflow's services are forked from the preloaded process. */
  readonly forks: boolean;
}

/**
 * Owns the processes of one project's stack until it is told to stop. One at a time for a project: a second one
 * waits until the first has ended.
 *
 * @throws DevenvError when the runtime folder or the socket can't be had.
 */
export async function supervise(
  context: Context,
  project: Project,
  options: SupervisorOptions,
): Promise<void> {
  const runtime = await runtimeDirectory(context, project.root);
  await makePrivateFolder(project.stateDirectory);
  await removeStaleAsides(project.stateDirectory, context.now());
  await withSupervisorLock(project.stateDirectory, context.signal, async () => {
    const supervisor = new Supervisor(context, project, options, runtime);
    await supervisor.run();
  });
}

/** How the API server ends whose port somebody else has; see `PORT_TAKEN` of the Python side. */
const PORT_TAKEN = describeEnd({ code: 98 });

/** Its starter has gone before it has said what to start. */
const UNASKED_MS = 15_000;

class Supervisor implements Supervised {
  readonly project: Project;
  readonly engine: StackEngine;
  readonly newsroom: StackNewsroom;
  readonly logs: LogStore;
  readonly startedAt: number;
  readonly environment: Context['env'];
  readonly platform: NodeJS.Platform;
  readonly #context: Context;
  readonly #options: SupervisorOptions;
  readonly #runtime: string;
  readonly #over = Promise.withResolvers<void>();
  readonly #claims: PortClaims;
  #port = 0;
  #isMoving = false;
  #preparing: Promise<PreparedStack> | undefined;
  #drivers: ReturnType<typeof stackDrivers> | undefined;
  #closeIntake: () => void = () => {};
  #watching: Promise<() => Promise<void>> | undefined;
  #recorded = '';
  #recording: Promise<void> = Promise.resolve();
  #shuttingDown: Promise<void> | undefined;
  readonly #state: FolderPresence;
  prepared: PreparedStack | undefined;

  constructor(context: Context, project: Project, options: SupervisorOptions, runtime: string) {
    this.#runtime = runtime;
    this.#options = options;
    this.project = project;
    this.platform = context.platform;
    this.#claims = new PortClaims(path.dirname(runtime), context.platform);
    this.#state = folderPresence(project.stateDirectory);
    this.startedAt = context.now();
    this.environment = context.env;
    const hidden = new HiddenTexts({
      stateDirectory: project.stateDirectory,
      fernetKey: () => this.prepared?.spec.keys.fernet,
      always: () => keyTexts(this.prepared?.spec.keys),
      now: context.now,
    });
    this.logs = new LogStore({
      directory: path.join(project.stateDirectory, 'logs'),
      onLine: (line) => this.newsroom.log(line),
      hide: (text) => hidden.hide(text),
      onProblem: (error) => this.newsroom.warn(`${error.message} Log lines are kept in memory only.`),
      now: context.now,
    });
    this.#context = { ...context, emit: (progress) => this.newsroom.tell({ event: 'progress', progress }) };
    this.engine = new StackEngine({
      definitions: stackDefinitions(project, options.forks),
      driverOf: (service) => this.#driver(service),
      onChange: (service) => this.#changed(service),
      onError: (service, error) => this.logs.add(service, `devenv: ${describeError(error)}`),
      now: context.now,
    });
    this.newsroom = new StackNewsroom(this, context.platform);
  }

  async run(): Promise<void> {
    const close = await serveRequests(supervisorSocket(this.#runtime), (request, answer) =>
      handleRequest(this, request, answer),
    );
    this.#context.signal.addEventListener('abort', () => void this.shutDown().catch(() => {}));
    const endLooking = this.#state.watch(() => void this.#abandon());
    const unasked = setTimeout(() => {
      if (this.#preparing === undefined) void this.shutDown().catch(() => {});
    }, UNASKED_MS);
    await this.#over.promise;
    clearTimeout(unasked);
    endLooking();
    // Whoever asked for the end is told first how it went.
    await nextTurn();
    close();
    await rm(supervisorSocket(this.#runtime), { force: true });
    await removeEnterPages(this.project.stateDirectory);
    if (this.prepared !== undefined) await this.#claims.release(this.#port);
    await this.logs.close();
  }

  /** Everything that has to be known before the first service starts. Tried again by the next request if it fails. */
  async prepare(): Promise<PreparedStack> {
    this.#preparing ??= this.#prepare().catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    });
    return this.#preparing;
  }

  /** Stops every service, keeps the preloaded process, and lets `run` return. */
  async shutDown(): Promise<void> {
    this.#shuttingDown ??= this.#stopEverything();
    return this.#shuttingDown;
  }

  async #stopEverything(): Promise<void> {
    this.engine.close();
    try {
      await this.#endWatch();
      await this.engine.stop(this.engine.definitions.map((each) => each.name));
      this.#closeIntake();
      await this.#recording;
      if (this.prepared !== undefined) await this.#record([], false);
    } finally {
      this.#over.resolve();
    }
  }

  /** The project has been removed. Also while the stack is just being stopped, which then has nothing to wait for. */
  async #abandon(): Promise<void> {
    this.#shuttingDown ??= this.#over.promise;
    this.engine.close();
    await endAbandoned(this.#context, this.project, this.engine).catch(() => {});
    await this.#endWatch().catch(() => {});
    this.#closeIntake();
    this.#over.resolve();
  }

  get isShuttingDown(): boolean {
    return this.#shuttingDown !== undefined;
  }

  view(service: string): ServiceView {
    const { status, detail, pid, since, startedAt, restarts } = this.engine.state(service);
    const kind = this.engine.definitions.find((each) => each.name === service)?.kind ?? 'process';
    return {
      name: service,
      kind,
      status,
      since,
      restarts,
      ...(detail === undefined ? {} : { detail }),
      ...(pid === undefined ? {} : { pid }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...serviceUrl(service, this.prepared),
    };
  }

  async #prepare(): Promise<PreparedStack> {
    const { project } = this;
    const stackId = path.basename(this.#runtime);
    // Everything that is started is told the place.
    if (project.hdfs !== undefined) await settlePlace(project.stateDirectory, this.platform);
    const spec = await projectSpec(this.#context, project);
    await this.#endLeftovers();
    await this.#record([]);
    await this.#choosePort(this.#options.port);
    const logSocket = path.join(this.#runtime, 'logs.sock');
    this.#closeIntake = await openLogIntake(logSocket, (service, text) => this.logs.add(service, text));
    await makePrivateFolder(path.join(project.stateDirectory, 'airflow'));
    await linkDags(project);
    const separate = separateServices({
      python: spec.environment.python,
      pythonSource: pythonSource(),
      workingDirectory: project.root,
      onEarlyLine: (service, line) => this.logs.add(service, line),
    });
    const { forks } = this.#options;
    const warn = (text: string): void => this.newsroom.warn(text);
    const { socketDirectory, name } = spec.database;
    const jobs = socketDirectory === undefined ? undefined : new JobTable({ socketDirectory, name });
    const port = (): number => this.#port;
    const access = await this.#access(spec);
    const prepared = { project, spec, stackId, port, access, logSocket, separate, forks, warn, jobs };
    this.#drivers = stackDrivers(this.#context, prepared);
    this.prepared = prepared;
    return prepared;
  }

  async #access({ keys }: ProjectSpec): Promise<StackAccess> {
    const key = accessKey(keys);
    const host = await uiHost(this.project.root, key, { platform: this.platform });
    return { key, host, session: randomBytes(16).toString('hex'), since: this.startedAt };
  }

  async #choosePort(asked: number | undefined): Promise<void> {
    const { stateDirectory } = this.project;
    const { port, taken } = await stackPort(stateDirectory, asked, this.platform, this.#claims);
    if (taken !== undefined) this.newsroom.warn(taken);
    this.#port = port;
  }

  /** Somebody was faster in the moment between choosing the port and listening on it. All services know the port. */
  async #moveToAnotherPort(): Promise<void> {
    this.#isMoving = true;
    const names = AIRFLOW_SERVICES.filter((name) => this.engine.state(name).status !== 'stopped');
    try {
      // Chosen while they are stopped: the API server alone would else start again, on the new port, and be ready.
      await this.engine.restart(names, () => this.#choosePort(undefined));
    } catch (error) {
      this.newsroom.warn(String(error));
    } finally {
      this.#isMoving = false;
    }
  }

  /** Looking through a large repository takes longer than starting a stack, and must not slow that down. */
  #watchWhenStarted(): void {
    const { prepared } = this;
    const isStarting = this.engine.definitions.some(({ name }) =>
      ['waiting', 'starting'].includes(this.engine.state(name).status),
    );
    if (!isStarting && prepared !== undefined) this.#watching ??= this.#watchDags(prepared);
  }

  async #endWatch(): Promise<void> {
    const end = await this.#watching?.catch(() => undefined);
    await end?.();
  }

  async #watchDags({ spec }: PreparedStack): Promise<() => Promise<void>> {
    const { project, newsroom } = this;
    return watchDags({
      project,
      spec,
      onParsed: (report) => newsroom.tell({ event: 'parsed', report }),
      onPlugins: (files) => void this.#reloadPlugins(files),
      onProblem: (text) => newsroom.warn(text),
    });
  }

  /** Every service has loaded the plugins when it started. */
  async #reloadPlugins(files: readonly string[]): Promise<void> {
    const running = AIRFLOW_SERVICES.filter((name) => this.engine.state(name).pid !== undefined);
    const names = files.map((each) => path.relative(this.project.root, each)).join(', ');
    this.newsroom.warn(`Plugins changed (${names}): restarting ${running.join(', ')}.`);
    await this.engine.restart(running).catch((error: unknown) => this.newsroom.warn(String(error)));
  }

  #driver(service: string) {
    const driver = this.#drivers?.get(service);
    if (driver === undefined) return { run: async () => {}, stop: async () => {} };
    // What starts would make the folder again; the stack is just about to end.
    if (this.#state.isGone()) return { run: async () => {}, stop: () => driver.stop() };
    return driver;
  }

  async #endLeftovers(): Promise<void> {
    const ended = await endProjectLeftovers(this.#context, this.project, this.#runtime);
    if (ended.length === 0) return;
    const names = ended.map((each) => `${each.description} (pid ${each.pid})`).join(', ');
    this.newsroom.warn(`Ended what an earlier stack had left: ${names}.`);
  }

  #changed(service: string): void {
    const lostPort = service === 'api-server' && this.engine.state(service).detail === PORT_TAKEN;
    if (lostPort && this.#options.port === undefined && !this.#isMoving && !this.isShuttingDown)
      void this.#moveToAnotherPort();
    if (this.engine.state(service).status === 'ready') this.#watchWhenStarted();
    this.newsroom.tell({ event: 'service', service: this.view(service) });
    const processes = this.engine.definitions.flatMap(({ name }) => {
      const { pid } = this.engine.state(name);
      // Those two are nobody's, and have records of their own.
      const isOurs = name !== 'postgres' && name !== 'hdfs';
      return pid === undefined || !isOurs ? [] : [{ service: name, pid }];
    });
    const text = JSON.stringify(processes);
    if (text === this.#recorded) return;
    this.#recorded = text;
    this.#recording = this.#recording.then(() => this.#record(processes)).catch(() => {});
  }

  async #record(processes: readonly { service: string; pid: number }[], open = true): Promise<void> {
    if (this.#state.isGone()) return;
    const recorded: RecordedProcess[] = [];
    for (const each of processes) {
      const startTime = await processStartTime(each.pid, this.platform);
      if (startTime !== undefined) recorded.push({ ...each, startTime });
    }
    await writeStackRecord(this.project.stateDirectory, { version: 1, open, processes: recorded });
  }
}

async function linkDags(project: Project): Promise<void> {
  const folder = linkedDagsFolder(project);
  if (folder === undefined) return;
  await rm(folder, { recursive: true, force: true });
  await makePrivateFolder(folder);
  for (const { name, path: target } of bundles(project)) await symlink(target, path.join(folder, name));
}

function describeError(error: unknown): string {
  if (!(error instanceof DevenvError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [error.what, error.why, ...error.next.map((each) => `→ ${each}`)].filter(Boolean).join('\n  ');
}
