import type { Finding, RunKey } from './finding.ts';
import {
  ownerOf,
  type AirflowRows,
  type JobRow,
  type Observation,
  type RunRow,
  type TaskRow,
} from './observation.ts';
import { since } from './times.ts';

/** Airflow's own `scheduler_health_check_threshold`. */
const SILENT_MS = 30_000;
/** Airflow's own `task_instance_heartbeat_timeout`: that long a task may say nothing. */
const LOST_MS = 300_000;

const SERVICE_OF: Readonly<Record<string, string>> = {
  SchedulerJob: 'scheduler',
  DagProcessorJob: 'dag-processor',
  TriggererJob: 'triggerer',
};

/** Rows that say something runs, and nothing does. */
export function diagnoseRows(observation: Observation): Finding[] {
  const { rows } = observation;
  if (rows === undefined) return [];
  const jobs = staleJobs(observation, rows.jobs);
  return [
    ...jobsFinding(observation, jobs),
    ...orphansFinding(observation, rows, new Set(jobs.map(({ id }) => id))),
    ...runFindings(observation, rows),
  ];
}

function staleJobs(observation: Observation, jobs: readonly JobRow[]): JobRow[] {
  const { now, surroundings } = observation;
  return jobs.filter((job) => {
    const service = SERVICE_OF[job.type];
    const isSilent = now - job.heartbeat > SILENT_MS;
    if (service === undefined) return now - job.heartbeat > LOST_MS;
    if (service in surroundings.services) {
      // The last one is the living one.
      const last = Math.max(...jobs.filter((each) => each.type === job.type).map(({ id }) => id));
      return job.id !== last && isSilent;
    }
    return isSilent || (!mayRunElsewhere(observation) && !isConnected(observation, service));
  });
}

function isConnected({ sessions }: Observation, service: string): boolean {
  return sessions.some((each) => ownerOf(each).service === service);
}

/** A program that is not ours and no plain SQL client is connected: it may be an Airflow somebody has started. */
function mayRunElsewhere({ sessions }: Observation): boolean {
  return sessions.some(
    (each) =>
      !ownerOf(each).isOurs && !/^(devenv psql|psql|pg_dump|DBeaver.*|pgAdmin.*)$/.test(each.applicationName),
  );
}

function jobsFinding({ now }: Observation, jobs: readonly JobRow[]): Finding[] {
  if (jobs.length === 0) return [];
  return [
    {
      kind: 'stale_jobs',
      what: `${count(jobs.length, 'job is', 'jobs are')} said to run, and no process of it is there.`,
      details: jobs
        .slice(0, 10)
        .map((job) => `${job.type} ${job.id}: last heartbeat ${since(job.heartbeat, now)} ago`),
      action: { kind: 'retire-jobs', jobs: jobs.map(({ id }) => id) },
    },
  ];
}

/** Tasks of a scheduler that has gone. Airflow takes them over by itself once it knows that; a new scheduler at once. */
function orphansFinding(observation: Observation, rows: AirflowRows, stale: ReadonlySet<number>): Finding[] {
  const { now, surroundings } = observation;
  const hasScheduler = 'scheduler' in surroundings.services;
  const tests = new Set(rows.runs.filter((each) => each.isTest).map(keyOf));
  const orphans = rows.tasks.filter((task) => {
    if (task.job === undefined || tests.has(keyOf(task))) return false;
    if (stale.has(task.job)) return true;
    // A scheduler looks for them when it starts, and then every five minutes.
    return task.jobState !== 'running' && hasScheduler && now - task.lastSign > 60_000;
  });
  if (orphans.length === 0) return [];
  return [
    {
      kind: 'orphaned_tasks',
      what: `${count(orphans.length, 'task instance waits', 'task instances wait')} for a scheduler that has gone.`,
      details: orphans.slice(0, 10).map((task) => taskLine(task, now)),
      action: hasScheduler ? { kind: 'restart-service', service: 'scheduler' } : undefined,
      ...(hasScheduler ? {} : { advice: 'The next scheduler starts them again: devenv up' }),
    },
  ];
}

/** DAG runs whose process was killed: no scheduler ever ends them, and they count for `max_active_runs`. */
function runFindings(observation: Observation, rows: AirflowRows): Finding[] {
  const { now, surroundings } = observation;
  const live = new Set(surroundings.liveRuns.map(keyOf));
  const elsewhere = mayRunElsewhere(observation);
  const hasScheduler = 'scheduler' in surroundings.services;
  return rows.runs
    .filter((run) => !live.has(keyOf(run)))
    .flatMap((run): Finding[] => {
      const tasks = rows.tasks.filter((each) => keyOf(each) === keyOf(run) && each.job === undefined);
      const isSilent = [run.startedAt, ...tasks.map((each) => each.lastSign)].every(
        (time) => now - time > LOST_MS,
      );
      // Its scheduler goes on with a run that has nothing stuck in it.
      if (!run.isTest && tasks.length === 0) return [];
      if (elsewhere && !isSilent) return [];
      if (!run.isTest && hasScheduler && !isSilent) return [];
      return [
        {
          kind: 'stale_run',
          what: `The DAG run ${run.runId} of ${run.dagId} is said to run, and nobody executes it.`,
          details: [
            `begun ${since(run.startedAt, now)} ago${run.isTest ? ' by a run-dag that was killed' : ''}`,
            ...fullLine(run),
            ...tasks.slice(0, 5).map((each) => taskLine(each, now)),
          ],
          action: { kind: 'fail-runs', runs: [{ dagId: run.dagId, runId: run.runId }] },
        },
      ];
    });
}

function fullLine(run: RunRow): string[] {
  const { maxActiveRuns, runningOfDag, queuedOfDag } = run;
  if (maxActiveRuns === undefined || runningOfDag < maxActiveRuns || queuedOfDag === 0) return [];
  return [
    `it fills max_active_runs (${runningOfDag} of ${maxActiveRuns}): ${count(queuedOfDag, 'run waits', 'runs wait')} behind it`,
  ];
}

function taskLine(task: TaskRow, now: number): string {
  const index = task.mapIndex < 0 ? '' : `[${task.mapIndex}]`;
  const sign = task.lastSign === 0 ? '' : `, last sign ${since(task.lastSign, now)} ago`;
  return `${task.dagId} ${task.taskId}${index}: ${task.state}${sign}`;
}

function keyOf({ dagId, runId }: RunKey): string {
  return JSON.stringify([dagId, runId]);
}

function count(number: number, one: string, many: string): string {
  return number === 1 ? `1 ${one}` : `${number} ${many}`;
}
