import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { AirflowApi } from '../../../src/airflow/restApi/airflowApi.ts';
import { connectToAirflow } from '../../../src/airflow/restApi/connectToAirflow.ts';

/** What real servers answered; `GET /path?query` -> answer. */
interface Recorded {
  readonly [request: string]: { readonly status: number; readonly type: string; readonly body: unknown };
}
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe.for([
  { line: 'airflow3', version: '3.3.2', schedule: '0 0 * * *', importError: 'p3/broken.py' },
  { line: 'airflow2', version: '2.11.2', schedule: '@daily', importError: '/tmp/lab/cli/p2/dags/broken.py' },
])('Airflow $version', ({ line, version, schedule, importError }) => {
  const recorded = readRecorded(line);
  const connect = () => connected(replay(recorded), version);

  test('DAGs come with schedule and last run', async () => {
    const dags = await (await connect()).dags();
    expect(dags).toMatchObject([
      { dagId: 'fails', paused: true, schedule, hasImportErrors: false, lastRun: { state: 'failed' } },
      { dagId: 'one', paused: true, lastRun: { dagId: 'one' } },
    ]);
    expect(dags[1]).not.toHaveProperty('schedule');
  });

  test('import errors come with file and traceback', async () => {
    const [error] = await (await connect()).importErrors();
    expect(error?.file).toBe(importError);
    expect(error?.text).toMatch(/^Traceback .*No module named 'nothing_like_this'$/s);
  });

  test('a run, its task instances, a log and an XCom of a mapped task', async () => {
    const api = await connect();
    const run = (await api.dagRuns('one', 50)).find((each) => each.state === 'success')!;
    expect(run.runId).toMatch(/^manual__2026.*\+00:00$/);
    expect((run.endedAt ?? 0) - (run.startedAt ?? 0)).toBeGreaterThan(0);
    const tasks = await api.taskInstances(run);
    expect(tasks.map((each) => `${each.taskId} ${each.mapIndex} ${each.state}`).toSorted()).toEqual([
      'double 0 success',
      'double 1 success',
      'numbers -1 success',
    ]);
    const mapped = tasks.find((each) => each.mapIndex === 1)!;
    const log = await api.taskLog(mapped);
    expect(log).toContain('doubling 2');
    expect(log.join('\n')).not.toContain('::group::');
    expect(await api.xcoms(mapped)).toEqual([{ key: 'return_value', value: "{'n': 2, 'twice': 4}" }]);
  });

  test('why there is no log stays in it', async () => {
    const api = await connect();
    const [run] = await api.dagRuns('fails', 1);
    const [task] = await api.taskInstances(run!);
    expect((await api.taskLog(task!)).join('\n')).toContain('Could not read served logs');
  });

  test('DAGs are triggered and paused', async () => {
    const api = await connect();
    expect(await api.trigger('one', { a: 1 })).toMatchObject({ dagId: 'one' });
    await api.setPaused('one', true);
  });

  test("a refusal has Airflow's own words", async () => {
    const refused = (await connect()).trigger('nope');
    await expect(refused).rejects.toMatchObject({
      code: 'airflow_refused',
      why: expect.stringContaining('not found'),
    });
  });
});

test('every page of a list is asked for', async () => {
  const all = Array.from({ length: 250 }, (_, index) => ({
    dag_id: `dag_${index}`,
    is_paused: false,
    timetable_summary: null,
    has_import_errors: false,
  }));
  const api = await connected((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const offset = Number(searchParams.get('offset'));
    const dags = all.slice(offset, offset + Number(searchParams.get('limit')));
    answer(response, pathname.endsWith('/dagRuns') ? { dag_runs: [] } : { dags, total_entries: all.length });
  }, '3.3.2');
  expect(await api.dags()).toHaveLength(250);
});

test('the access key goes with every request, and ids stay whole', async () => {
  const seen: [string | undefined, string | undefined][] = [];
  const api = await connected((request, response) => {
    seen.push([request.headers.authorization, request.url]);
    answer(response, { task_instances: [], total_entries: 0 });
  }, '3.3.2');
  await api.taskInstances({ dagId: 'größe', runId: 'a/b?c 1+00:00' });
  expect(seen[0]?.[0]).toBe('Bearer the-key');
  expect(seen[0]?.[1]).toContain(
    '/api/v2/dags/gr%C3%B6%C3%9Fe/dagRuns/a%2Fb%3Fc%201%2B00%3A00/taskInstances?',
  );
});

test('nobody who answers is an error that says so', async () => {
  const api = await connected((request) => request.socket.destroy(), '3.3.2');
  await expect(api.dags()).rejects.toMatchObject({ code: 'airflow_unreachable' });
});

test('another server than Airflow is not taken for it', async () => {
  const api = await connected((_request, response) => response.end('<html>hello</html>'), '2.11.2');
  await expect(api.importErrors()).rejects.toMatchObject({ code: 'airflow_unreachable' });
});

test('who is not let in reads what to do', async () => {
  const api = await connected((_request, response) => {
    response.writeHead(303, { location: '/login' }).end();
  }, '2.11.2');
  await expect(api.importErrors()).rejects.toMatchObject({ code: 'airflow_refused' });
  const closed = await connected((_request, response) => response.writeHead(403).end('no'), '2.11.2');
  await expect(closed.importErrors()).rejects.toMatchObject({ what: 'Airflow does not let us in.' });
});

test('an aborted request gives the reason of its signal', async () => {
  const api = await connected(() => {}, '3.3.2');
  const controller = new AbortController();
  const asking = api.importErrors(controller.signal);
  controller.abort(new Error('enough'));
  await expect(asking).rejects.toThrow('enough');
});

async function connected(handler: Handler, airflowVersion: string): Promise<AirflowApi> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return connectToAirflow({ url: `http://127.0.0.1:${port}`, accessKey: 'the-key', airflowVersion, fetch });
}

function replay(recorded: Recorded): Handler {
  return (request, response) => {
    const found = recorded[`${request.method} ${request.url}`];
    if (found === undefined) throw new Error(`not recorded: ${request.method} ${request.url}`);
    response.writeHead(found.status, { 'content-type': found.type });
    response.end(typeof found.body === 'string' ? found.body : JSON.stringify(found.body));
  };
}

function answer(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function readRecorded(line: string): Recorded {
  return JSON.parse(
    readFileSync(path.join(import.meta.dirname, 'recorded', `${line}.json`), 'utf8'),
  ) as Recorded;
}
