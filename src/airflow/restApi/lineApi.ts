import type {
  AirflowApi,
  DagRunName,
  DagRunSummary,
  DagSummary,
  ImportErrorSummary,
  TaskInstanceName,
} from './airflowApi.ts';
import { apiPath, type HttpClient, type HttpRequest } from './httpClient.ts';
import { dagRun, taskInstances, type WireDagRun, type WireTaskInstance } from './wire.ts';

/** In what the two APIs differ. */
export interface ApiLine<Dag, ImportError> {
  readonly root: '/api/v1' | '/api/v2';
  /** How DAG runs are ordered. */
  readonly newestFirst: string;
  readonly dag: (wire: Dag) => DagSummary;
  readonly importError: (wire: ImportError) => ImportErrorSummary;
  /** The form in which logs are asked for. */
  readonly logType: string;
  readonly logLines: (text: string) => readonly string[];
  readonly triggerBody: (conf: Readonly<Record<string, unknown>>) => unknown;
}

/** How many of the newest runs are looked through for the last one of each DAG. */
const RECENT_RUNS = 100;

export function lineApi<Dag, ImportError>(client: HttpClient, line: ApiLine<Dag, ImportError>): AirflowApi {
  const { root } = line;
  const newestRuns = async (
    dagId: string,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly DagRunSummary[]> => {
    const query = { order_by: line.newestFirst, limit };
    const answer = await client.json(root + apiPath`/dags/${dagId}/dagRuns`, { query, signal });
    return (answer as { dag_runs: WireDagRun[] }).dag_runs.map(dagRun);
  };
  return {
    async dags(signal) {
      const query = { order_by: 'dag_id' };
      const [dags, runs] = await Promise.all([
        everyPage<Dag>(client, `${root}/dags`, 'dags', { query, signal }),
        newestRuns('~', RECENT_RUNS, signal),
      ]);
      return withLastRuns(dags.map(line.dag), runs);
    },
    async importErrors(signal) {
      const path = `${root}/importErrors`;
      return (await everyPage<ImportError>(client, path, 'import_errors', { signal })).map(line.importError);
    },
    dagRuns: newestRuns,
    async taskInstances(run, signal) {
      const path = `${root}${runPath(run)}/taskInstances`;
      return taskInstances(await everyPage<WireTaskInstance>(client, path, 'task_instances', { signal }));
    },
    async taskLog(task, signal) {
      // It has not begun; Airflow has no such log.
      if (task.tryNumber < 1) return [];
      const path = `${root}${taskPath(task)}${apiPath`/logs/${task.tryNumber}`}`;
      const query = { full_content: true, map_index: task.mapIndex };
      return withoutSources(line.logLines(await client.text(path, { query, accept: line.logType, signal })));
    },
    async xcoms(task, signal) {
      const path = `${root}${taskPath(task)}/xcomEntries`;
      const query = { map_index: task.mapIndex };
      const keys = await everyPage<{ key: string }>(client, path, 'xcom_entries', { query, signal });
      return Promise.all(
        keys.map(async ({ key }) => {
          const asText = { query: { ...query, stringify: true }, signal };
          const entry = await client.json(path + apiPath`/${key}`, asText);
          return { key, value: String((entry as { value: unknown }).value) };
        }),
      );
    },
    async trigger(dagId, conf = {}) {
      const request = { method: 'POST', body: line.triggerBody(conf) } as const;
      const answer = await client.json(root + apiPath`/dags/${dagId}/dagRuns`, request);
      return { dagId, runId: dagRun(answer as WireDagRun).runId };
    },
    async setPaused(dagId, paused) {
      await client.json(root + apiPath`/dags/${dagId}`, {
        method: 'PATCH',
        query: { update_mask: 'is_paused' },
        body: { is_paused: paused },
      });
    },
  };
}

function runPath({ dagId, runId }: DagRunName): string {
  return apiPath`/dags/${dagId}/dagRuns/${runId}`;
}

function taskPath(task: TaskInstanceName): string {
  return runPath(task) + apiPath`/taskInstances/${task.taskId}`;
}

/** More than Airflow gives in one answer by default; the highest it allows. */
const PAGE = 100;

/** Every item of a list that Airflow gives in pages. */
async function everyPage<T>(
  client: HttpClient,
  path: string,
  name: string,
  request: HttpRequest = {},
): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const query = { ...request.query, limit: PAGE, offset: found.length };
    const answer = (await client.json(path, { ...request, query })) as Record<string, unknown>;
    const items = (answer[name] ?? []) as T[];
    found.push(...items);
    if (items.length === 0 || found.length >= Number(answer['total_entries'] ?? 0)) return found;
  }
}

function withLastRuns(dags: readonly DagSummary[], runs: readonly DagRunSummary[]): readonly DagSummary[] {
  const newest = new Map<string, DagRunSummary>();
  for (const run of runs) if (!newest.has(run.dagId)) newest.set(run.dagId, run);
  return dags.map((dag) => {
    const lastRun = newest.get(dag.dagId);
    return lastRun === undefined ? dag : { ...dag, lastRun };
  });
}

/**
 * The lines of a task's log without what Airflow says about where it found them, unless that is all there is: why
 * it found none, then.
 */
function withoutSources(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => line.endsWith('::group::Log message source details'));
  const end = lines.findIndex((line, index) => index > start && line.endsWith('::endgroup::'));
  if (start < 0 || end < 0) return lines;
  const rest = [...lines.slice(0, start), ...lines.slice(end + 1)];
  return rest.some((line) => line.trim() !== '') ? rest : lines.slice(start + 1, end);
}
