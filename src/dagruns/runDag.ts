import path from 'node:path';
import { repairEnvironment, type Environment } from '../airflow/environment.ts';
import { verifyEnvironment } from '../airflow/environmentManifest.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { OWN_RUNS, watchWaits } from '../database/locks/watchWaits.ts';
import { DevenvError } from '../errors.ts';
import { type DebugTerminal, openDebugTerminal } from './debugTerminal.ts';
import { RunCancellation } from './runCancellation.ts';
import { answerQuestion } from './answerQuestion.ts';
import { RUN_EVENTS_VERSION, type RunEvent } from './events.ts';
import { connectToRunner, type RunConnection } from './runConnection.ts';
import { Questions, type AskedQuestion } from './questions.ts';
import { registrant } from './registrant.ts';
import { runnerSocket, runsDirectory, startRunner, type RunnerSpec } from './runner.ts';
import { ensureProjectDatabase, environmentRequest, projectSpec } from './runnerSpec.ts';
import { withNeededPython } from './neededPython.ts';
import { runRequest, type RunDagOptions } from './runRequest.ts';
import { runInFreshInterpreter } from './withoutRunner.ts';
import type { RunDagControl } from './runDagControl.ts';

/**
 * Runs one DAG, operator or sensor file.
 *
 * @returns the exit code: 0 success, 1 failed run, broken import or timeout, 2 misuse, 130 and 143 for signals.
 * @throws DevenvError when the environment, the database or the runner can't be had.
 */
export async function runDag(
  context: Context,
  project: Project,
  options: RunDagOptions,
  control: RunDagControl,
): Promise<number> {
  const attempt = new RunAttempt(context, project, options, control);
  for (let repaired = false; ; repaired = true) {
    const outcome = await attempt.run();
    if (outcome.exit !== undefined) return outcome.exit;
    if (repaired) return attempt.giveUp();
    await attempt.repair(outcome.broken);
  }
}

/** What the first try found broken; nothing of the author's has run then, so it may be tried again. */
type Broken = 'database' | 'environment' | 'runner';
type Outcome = { readonly exit: number } | { readonly exit?: undefined; readonly broken: Broken };

class RunAttempt {
  readonly #context: Context;
  readonly #project: Project;
  readonly #options: RunDagOptions;
  readonly #control: RunDagControl;
  #held: RunEvent | undefined;
  #runProcess: number | undefined;
  #isRegistered = false;

  constructor(context: Context, project: Project, options: RunDagOptions, control: RunDagControl) {
    this.#context = context;
    this.#project = project;
    this.#options = options;
    this.#control = control;
  }

  async run(): Promise<Outcome> {
    await this.#prepareHdfs();
    await this.#prepareCluster();
    const spec = await projectSpec(this.#context, this.#project);
    const terminal = await this.#lendTerminal(spec);
    try {
      return await this.#runOn(spec, terminal);
    } finally {
      await terminal?.close();
    }
  }

  async #runOn(spec: RunnerSpec, terminal: DebugTerminal | undefined): Promise<Outcome> {
    const request = this.#request(spec, terminal?.socket);
    const connection = await this.#connect(spec, request);
    return this.#follow(connection, spec);
  }

  /** Before each run, as long as a watched file is run again: somebody may have ended it. */
  async #prepareHdfs(): Promise<void> {
    if (this.#project.hdfs === undefined) return;
    const { prepareForRun } = await import('../hdfs/prepareForRun.ts');
    await prepareForRun(this.#context, this.#project);
    if (this.#project.artifacts === undefined) return;
    const { prepareArtifacts } = await import('../artifacts/prepareArtifacts.ts');
    await prepareArtifacts(this.#context, this.#project);
  }

  async #prepareCluster(): Promise<void> {
    if (this.#project.kubernetes === undefined) return;
    const { prepareClusterForRun } = await import('../kubernetes/prepareForRun.ts');
    await prepareClusterForRun(this.#context, this.#project);
  }

  get #usesRunner(): boolean {
    // Airflow itself does not fork on macOS either: Apple's frameworks are not safe in a forked child.
    return this.#options.useRunner && !this.#options.stock && this.#context.platform === 'linux';
  }

  /** With `--debug` breakpoints are the editor's. */
  async #lendTerminal(spec: RunnerSpec): Promise<DebugTerminal | undefined> {
    const { debug } = this.#control;
    if (debug === undefined || this.#options.debugPort !== undefined) return undefined;
    return openDebugTerminal(path.dirname(runnerSocket(spec)), debug);
  }

  #request(spec: RunnerSpec, debugSocket?: string): Record<string, unknown> {
    return runRequest(this.#project, this.#options, {
      workingDirectory: this.#context.workingDirectory,
      environment: { ...spec.airflowEnvironment, ...this.#control.extraEnvironment },
      runsDirectory: runsDirectory(spec.stateDirectory),
      debugSocket,
    });
  }

  async #connect(spec: RunnerSpec, request: Record<string, unknown>): Promise<RunConnection> {
    if (!this.#usesRunner) {
      await this.#ensureDatabase(spec);
      return runInFreshInterpreter(this.#context, spec, request);
    }
    const socket = runnerSocket(spec);
    const warm = await connectToRunner(socket, request);
    if (warm !== undefined) return warm;
    await this.#prepareBoth(spec);
    const started = await connectToRunner(socket, request);
    if (started === undefined) throw new Error(`The runner at ${path.basename(socket)} went away at once.`);
    return started;
  }

  /**
   * Neither needs a Postgres database before the run begins; of two failures the database's says more. A SQLite file
   * comes first: who opens one that is not there yet makes an empty one, and keeps that when it is replaced.
   */
  async #prepareBoth(spec: RunnerSpec): Promise<void> {
    if (this.#project.database === 'sqlite') {
      await this.#ensureDatabase(spec);
      await this.#startRunner(spec);
      return;
    }
    const [database, runner] = await Promise.allSettled([
      this.#ensureDatabase(spec),
      this.#startRunner(spec),
    ]);
    if (database.status === 'rejected') throw database.reason;
    if (runner.status === 'rejected') throw runner.reason;
  }

  async #startRunner(spec: RunnerSpec): Promise<void> {
    try {
      await startRunner(this.#context, spec);
    } catch (error) {
      if (!(error instanceof DevenvError) || error.code !== 'daemon_failed') throw error;
      const { missing, changed } = await verifyEnvironment(spec.environment);
      if (missing.length + changed.length === 0) throw error;
      await this.repair('environment');
      await startRunner(this.#context, spec);
    }
  }

  async #ensureDatabase(spec: RunnerSpec): Promise<void> {
    await ensureProjectDatabase(this.#context, this.#project, spec);
  }

  async #follow(connection: RunConnection, spec: RunnerSpec): Promise<Outcome> {
    const watch = watchWaits(this.#context, this.#project, {
      who: OWN_RUNS,
      ownProcesses: () => this.#ownProcesses(spec),
    });
    const cancellation = new RunCancellation(connection, this.#control, this.#options.timeout, watch);
    const questions = new Questions((question, signal) => this.#ask(spec, question, signal));
    let begun = false;
    try {
      for await (const event of connection.events) {
        watch.alive();
        if (event.event === 'started') this.#runProcess = event.pid;
        if (event.event === 'run_started') this.#isRegistered = true;
        if (event.event === 'run_started' || event.event === 'parsed') begun = true;
        const broken = begun ? undefined : await this.#brokenPart(event, spec.environment);
        if (broken !== undefined) {
          this.#held = event;
          return { broken };
        }
        if (event.event === 'exit') return { exit: this.#finish(cancellation, event) };
        // What we have ended is no news.
        if (event.event === 'error' && event.code === 'process_ended' && cancellation.exitCode !== undefined)
          continue;
        this.#control.emit(await withNeededPython(this.#context, spec.environment, event));
        questions.follow(event);
        if (event.event === 'warning' && event.code === 'debugger') this.#control.note(event.text);
      }
    } finally {
      watch.stop();
      questions.close();
      cancellation.stop();
      connection.close();
    }
    if (!begun && cancellation.exitCode === undefined) return { broken: 'runner' };
    return { exit: this.#endedWithoutWord(cancellation) };
  }

  /** Until its DAG is in the database, the run may wait behind another process that writes DAGs. */
  #ownProcesses(spec: RunnerSpec): readonly number[] {
    if (this.#runProcess === undefined) return [];
    return [this.#runProcess, ...(this.#isRegistered ? [] : registrant(spec.stateDirectory))];
  }

  async #ask(spec: RunnerSpec, question: AskedQuestion, signal: AbortSignal): Promise<void> {
    // A run without the runner has nobody who would take the answer.
    const chosen = this.#usesRunner ? await this.#control.ask?.(question, signal) : undefined;
    if (chosen !== undefined) await answerQuestion(spec, this.#request(spec), question, chosen);
  }

  #finish(cancellation: RunCancellation, event: RunEvent & { readonly event: 'exit' }): number {
    if (cancellation.exitCode === undefined) {
      this.#control.emit(event);
      return event.code;
    }
    const { signal: _, ...ended } = event;
    this.#control.emit({ ...ended, code: cancellation.exitCode });
    return cancellation.exitCode;
  }

  #endedWithoutWord(cancellation: RunCancellation): number {
    const code = cancellation.exitCode ?? 1;
    if (cancellation.exitCode === undefined) {
      this.#control.emit({
        v: RUN_EVENTS_VERSION,
        t: 0,
        event: 'error',
        code: 'runner_ended',
        what: 'The process that ran the DAG was killed before it could say how the run ended.',
        why: 'Somebody killed it, or the machine ran out of memory.',
        next: ['Run it again: the next run marks this one as failed first'],
      });
    }
    this.#control.emit({ v: RUN_EVENTS_VERSION, t: 0, event: 'exit', code });
    return code;
  }

  async #brokenPart(event: RunEvent, environment: Environment): Promise<Broken | undefined> {
    if (event.event !== 'error') return undefined;
    if (event.code === 'database_unavailable') return 'database';
    if (event.code !== 'import_error' && event.code !== 'runner_bug') return undefined;
    // Looking at every file takes a tenth of a second; an import that fails is worth it.
    const { missing, changed } = await verifyEnvironment(environment);
    return missing.length + changed.length > 0 ? 'environment' : undefined;
  }

  async repair(broken: Broken): Promise<void> {
    if (broken === 'environment') {
      await repairEnvironment(this.#context, environmentRequest(this.#project));
    } else if (broken === 'database') {
      await this.#ensureDatabase(await projectSpec(this.#context, this.#project));
    }
  }

  giveUp(): number {
    if (this.#held !== undefined) this.#control.emit(this.#held);
    else this.#endedWithoutWord(new RunCancellation(undefined, this.#control, undefined, undefined));
    return 1;
  }
}
