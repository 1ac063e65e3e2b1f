import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { AirflowApi, DagRunSummary } from '../../../src/airflow/restApi/airflowApi.ts';
import { connectToAirflow } from '../../../src/airflow/restApi/connectToAirflow.ts';
import type { ServiceView, StackView } from '../../../src/stack/events.ts';
import { until } from './inspect.ts';
import type { AirflowLine, RunOptions, TestProject } from './project.ts';

/** Starts the stack; fails with everything that was printed if it does not become ready. */
export async function up(
  project: TestProject,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<StackView> {
  const result = await project.devenv(['up', '-d', '--plain', ...args], { timeout: 240_000, ...options });
  if (result.code !== 0) throw new Error(`up ended with ${result.code}:\n${result.stdout}\n${result.stderr}`);
  const stack = await stackOf(project);
  if (stack.status !== 'ready') {
    const log = (await project.devenv(['logs', '--lines', '60'])).stdout;
    throw new Error(`It was ready and is not any more: ${JSON.stringify(stack, undefined, 2)}\n${log}`);
  }
  return stack;
}

/** As `devenv status --json` tells it; fails when the stack does not run. */
export async function stackOf(project: TestProject): Promise<StackView> {
  const stack = await findStack(project);
  if (stack === undefined) throw new Error('no stack runs');
  return stack;
}

export async function findStack(project: TestProject): Promise<StackView | undefined> {
  const result = await project.devenv(['status', '--json']);
  return (JSON.parse(result.stdout) as { stack: StackView | null }).stack ?? undefined;
}

export function service(stack: StackView, name: string): ServiceView {
  const found = stack.services.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no service ${name} in ${JSON.stringify(stack)}`);
  return found;
}

/** The project's Airflow through its own API, with the key that scripts get. */
export async function apiOf(project: TestProject, airflow: AirflowLine): Promise<AirflowApi> {
  const { url } = await stackOf(project);
  const accessKey = (await project.devenv(['token'])).stdout.trim();
  if (url === undefined) throw new Error('the stack has no address');
  return connectToAirflow({ url, accessKey, airflowVersion: airflow, fetch });
}

/** Waits until the DAG is known, has it unpaused, starts a DAG run and waits for its end. */
export async function triggerToEnd(
  api: AirflowApi,
  dagId: string,
  timeout = 120_000,
): Promise<DagRunSummary> {
  await until(
    async () => (await api.dags()).some((each) => each.dagId === dagId),
    () => api.importErrors(),
    60_000,
  );
  await api.setPaused(dagId, false);
  const { runId } = await api.trigger(dagId);
  let run: DagRunSummary | undefined;
  await until(
    async () => {
      run = (await api.dagRuns(dagId, 50)).find((each) => each.runId === runId);
      return run !== undefined && ['success', 'failed'].includes(run.state);
    },
    async () => ({ run, tasks: await api.taskInstances({ dagId, runId }) }),
    timeout,
  );
  if (run === undefined) throw new Error('the run has gone');
  return run;
}

export interface Trace {
  readonly pid: number;
  readonly command: string;
}

/**
 * Living processes that belong to the project: by their command line, working folder or environment. Forked ones
 * have the environment of the process that they were forked from.
 */
export function tracesOf(project: TestProject): Trace[] {
  const parent = path.dirname(project.root);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      // Zombies and kernel threads have no command line.
      if (command === '') return [];
      const signs = [command, linkTarget(`/proc/${name}/cwd`), read(`/proc/${name}/environ`)];
      return signs.some((sign) => sign.includes(parent)) ? [{ pid: Number(name), command }] : [];
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function linkTarget(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
