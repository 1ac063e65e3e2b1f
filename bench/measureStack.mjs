import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToAirflow } from '../src/airflow/restApi/connectToAirflow.ts';
import { ancestorsOf, memoryOf, readProcessTree } from '../src/platform/processTree.ts';
import { withConnection } from '../src/database/sql.ts';
import { benchProject } from './benchProject.mjs';
import { measureEdits, preparePlugin } from './measureEdits.mjs';
import { inTurns, median } from './timing.mjs';
import { until } from './until.mjs';

const PORT = 8977;
const SETTLE_MS = 15_000;
const IDLE_MS = 20_000;

/** Every number of one Airflow version: seconds, bytes, medians. */
export async function measureStack(airflowVersion, { runs, say }) {
  const project = await benchProject(airflowVersion);
  try {
    await preparePlugin(project.root);
    say(`Airflow ${airflowVersion}: ${runs} starts of each kind`);
    const starts = await inTurns(runs, {
      standalone: async () => {
        // Else what answers on the port would be ours.
        await project.down();
        const standalone = await startStandalone(project, airflowVersion);
        await standalone.end();
        return standalone.seconds;
      },
      cold: async () => {
        await project.down();
        return up(project);
      },
      warm: async () => {
        await project.devenv('down');
        return up(project);
      },
    });
    say(`Airflow ${airflowVersion}: memory, CPU, tasks, edits`);
    const ours = await measureOurs(project, airflowVersion);
    await project.down();
    const theirs = await measureStandalone(project, airflowVersion);
    return {
      airflowVersion,
      standalone: median(starts.standalone),
      cold: median(starts.cold),
      warm: median(starts.warm),
      ours,
      theirs,
      measurements: starts,
    };
  } finally {
    await project.end();
  }
}

async function up(project) {
  return (await project.devenv('up', '-d', '--quiet', '--port', String(PORT))).milliseconds / 1000;
}

async function measureOurs(project, airflowVersion) {
  await project.devenv('down');
  await up(project);
  const status = JSON.parse((await project.devenv('status', '--json')).stdout);
  const roots = [status.stack.pid, status.stack.preloadPid];
  const postgres = status.stack.services.find((each) => each.name === 'postgres')?.pid;
  const accessKey = (await project.devenv('token')).stdout.trim();
  const { url } = status.stack;
  const api = connectToAirflow({ url, accessKey, airflowVersion, fetch });
  return {
    ...(await measureRunning(project, roots, api, postgres)),
    edits: await measureEdits(project, { url, accessKey, airflowVersion }),
  };
}

async function measureStandalone(project, airflowVersion) {
  const standalone = await startStandalone(project, airflowVersion);
  try {
    const url = `http://127.0.0.1:${PORT}`;
    const accessKey = airflowVersion.startsWith('2.') ? '' : await standaloneToken(url);
    const api = connectToAirflow({ url, accessKey, airflowVersion, fetch });
    return await measureRunning(project, [standalone.pid], api);
  } finally {
    await standalone.end();
  }
}

async function standaloneToken(url) {
  const response = await fetch(`${url}/auth/token`, { redirect: 'manual' });
  return (await response.json()).access_token;
}

async function measureRunning(project, roots, api, postgres) {
  await sleep(SETTLE_MS);
  const before = await usageOf(roots, postgres);
  await sleep(IDLE_MS);
  const after = await usageOf(roots, postgres);
  return {
    bytes: after.bytes,
    processes: after.processes,
    idleCpuPercent: ((after.cpuSeconds - before.cpuSeconds) / (IDLE_MS / 1000)) * 100,
    chainSeconds: await chain(project, api),
    editSeconds: median([await edit(project), await edit(project), await edit(project)]),
  };
}

/** Of these processes and all that descends from them, Postgres left out: it is the same for both. */
async function usageOf(roots, postgres) {
  const tree = await readProcessTree(process.platform);
  const found = [...tree.values()].filter(({ pid }) => {
    const family = [pid, ...ancestorsOf(tree, pid)];
    return family.some((each) => roots.includes(each)) && !family.includes(postgres);
  });
  const memory = await Promise.all(found.map((each) => memoryOf(each, process.platform)));
  return {
    processes: found.length,
    bytes: memory.reduce((sum, each) => sum + each, 0),
    cpuSeconds: found.reduce((sum, each) => sum + each.cpuSeconds, 0),
  };
}

/**
 * Seconds from the trigger to the end of ten chained tasks; the second run of two, so that nothing is the first. The
 * end is looked up in the database: asking the API all the time would take a core from who is measured.
 */
async function chain(project, api) {
  await until(async () => (await api.dags()).some((each) => each.dagId === 'chain'));
  await api.setPaused('chain', false);
  let seconds = 0;
  for (let count = 0; count < 2; count += 1) {
    const begun = performance.now();
    const { runId } = await api.trigger('chain');
    await until(async () => {
      const [run] = await withConnection(project.socketDirectory, project.databaseName, (query) =>
        query("select state from dag_run where dag_id = 'chain' and run_id = $1", [runId]),
      );
      if (run?.state === 'failed') throw new Error('the chain failed');
      return run?.state === 'success';
    });
    seconds = (performance.now() - begun) / 1000;
  }
  return seconds;
}

/** Seconds from saving a DAG file until the database has the new version. */
async function edit(project) {
  const file = path.join(project.root, 'dags', 'one.py');
  const marker = `edited ${Math.random().toString(36).slice(2)}`;
  const text = (await readFile(file, 'utf8')).replace(/# edited.*\n/, '');
  const edited = text.replace(/^@dag\((description="[^"]*", )?/m, `@dag(description="${marker}", `);
  const begun = performance.now();
  await writeFile(file, edited);
  await until(async () => {
    const rows = await withConnection(project.socketDirectory, project.databaseName, (query) =>
      query('select 1 from dag where description = $1', [marker]),
    );
    return rows.length > 0;
  });
  return (performance.now() - begun) / 1000;
}

/** Its children survive SIGTERM to it, so that it gets a session whose processes are looked for. */
async function startStandalone(project, airflowVersion) {
  await project.startDatabase();
  const old = airflowVersion.startsWith('2.');
  const env = {
    ...project.env,
    ...(old
      ? {
          AIRFLOW__WEBSERVER__WEB_SERVER_PORT: String(PORT),
          AIRFLOW__WEBSERVER__WORKERS: '1',
          AIRFLOW__WEBSERVER__CONFIG_FILE: path.resolve(import.meta.dirname, 'public_webserver_config.py'),
          AIRFLOW__API__AUTH_BACKENDS: 'airflow.api.auth.backend.default',
        }
      : {
          AIRFLOW__API__PORT: String(PORT),
          AIRFLOW__API__WORKERS: '1',
          AIRFLOW__API__BASE_URL: `http://127.0.0.1:${PORT}`,
          AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://127.0.0.1:${PORT}/execution/`,
          AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS: 'True',
        }),
  };
  const begun = performance.now();
  const since = Date.now();
  const child = spawn(project.python, ['-m', 'airflow', 'standalone'], {
    cwd: project.root,
    env,
    detached: true,
    stdio: 'ignore',
  });
  const end = () => endSession(child.pid);
  const health = `http://127.0.0.1:${PORT}${old ? '/health' : '/api/v2/monitor/health'}`;
  try {
    await until(async () => isHealthy(await fetchJson(health), since, old));
  } catch (error) {
    await end();
    throw error;
  }
  return { pid: child.pid, seconds: (performance.now() - begun) / 1000, end };
}

function isHealthy(health, since, old) {
  const parts = ['scheduler', 'triggerer', ...(old ? [] : ['dag_processor'])];
  return parts.every((part) => Date.parse(health?.[part]?.[`latest_${part}_heartbeat`]) > since);
}

async function fetchJson(url) {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(1_000) })).json();
  } catch {
    return undefined;
  }
}

async function endSession(session) {
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGKILL']) {
    const tree = await readProcessTree(process.platform);
    const left = [...tree.values()].filter((each) => each.session === session);
    if (left.length === 0) return;
    for (const each of left) {
      try {
        process.kill(each.pid, signal);
      } catch {
        // It ended meanwhile.
      }
    }
    await sleep(2_000);
  }
}
