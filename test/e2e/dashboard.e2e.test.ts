import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { processExists } from '../../src/platform/processGroup.ts';
import { until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, type AirflowLine, type TestProject } from './support/project.ts';
import { stackOf } from './support/stack.ts';
import { openTerminal, type Terminal } from './support/terminal.ts';

const PROGRAM =
  process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');
const DEVENV = `'${process.execPath}' -- '${PROGRAM}'`;
const MINUTES = 60_000;

const DAGS: Readonly<Record<string, string>> = {
  'dags/orders.py': `
from datetime import datetime
from airflow.decorators import dag, task

@dag(schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False)
def orders():
    @task
    def extract():
        print("extracting in the dashboard")
        return {"rows": 5}
    extract()

orders()
`,
  'dags/broken.py': 'from airflow.decorators import dag\nimport panda\n',
};

test.each(AIRFLOW_LINES)('every screen and key on Airflow %s', { timeout: 8 * MINUTES }, async (airflow) => {
  await using project = await createProject({ airflow, files: DAGS, name: 'bestellungen ü' });
  await using terminal = await terminalIn(project, `dashboard-${airflow}`);
  const before = await terminal.modes();

  // A port of its own: what happens when two stacks want the same one is another test's matter.
  await terminal.command(`${DEVENV} up --port ${await freePort()}`);
  await terminal.waitFor('[1 Services]', 2 * MINUTES);
  await terminal.keep('01-starting');
  await terminal.waitFor(/^(● ready|✗ failed)/, 3 * MINUTES);
  expect(await terminal.keep('02-services')).toContain('● ready');
  expect(await terminal.modes()).toContain('alternate 1 cursor 0');

  for (const size of [
    [200, 60],
    [40, 10],
    [80, 24],
  ] as const) {
    await terminal.resize(size[0], size[1]);
    const seen = await terminal.waitFor((screen) => isWhole(screen, size));
    expect(seen.split('\n')[0]).toContain('● ready');
    await terminal.keep(`03-services-${size[0]}x${size[1]}`);
  }

  await servicesScreen(terminal);
  await logsScreen(terminal);
  await dagsScreen(terminal);
  await errorsAndOverlays(terminal);
  await leaving(terminal, before);

  // The terminal is as it was whatever ends the dashboard, but for kill -9.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    await terminal.command(`${DEVENV} attach`);
    await terminal.waitFor(/^● ready[^]*scheduler/);
    process.kill(await terminal.foregroundPid(), signal);
    await terminal.waitForShell();
    expect(await terminal.modes()).toBe(before);
  }

  await killed(project, airflow);

  await terminal.command(`clear; ${DEVENV} attach`);
  await terminal.waitFor(/^● ready/);
  await terminal.press('q', 's');
  await terminal.waitFor(/Stopped \(/, MINUTES);
  await terminal.waitForShell();
  await terminal.keep('40-stopped');
  expect(await terminal.modes()).toBe(before);
  expect((await project.devenv(['status', '--json'])).stdout).not.toContain('"status":"ready"');
});

/** With -9: first the dashboard, then the terminal under it. The stack does not notice. */
async function killed(project: TestProject, airflow: AirflowLine): Promise<void> {
  await using terminal = await terminalIn(project, `dashboard-${airflow}-killed`);
  await terminal.command(`${DEVENV} attach`);
  await terminal.waitFor(/^● ready[^]*scheduler/);
  process.kill(await terminal.foregroundPid(), 'SIGKILL');
  await terminal.waitFor('Killed');
  await terminal.command(`reset; ${DEVENV} attach`);
  await terminal.waitFor(/^● ready[^]*scheduler/);
  const pid = await terminal.foregroundPid();
  await terminal.kill();
  await until(
    () => !processExists(pid),
    () => `the dashboard, ${pid}, lives on without its terminal`,
  );
  expect((await stackOf(project)).status).toBe('ready');
}

async function servicesScreen(terminal: Terminal): Promise<void> {
  await terminal.press('j', 'Down', 'k', 'G');
  await terminal.waitFor('› ● ready        api-server');
  await terminal.press('g', 'Down', 'Down', 'Down');
  await terminal.waitFor('› ● ready        scheduler');
  await terminal.press('r');
  await terminal.waitFor(/(Restarting scheduler|scheduler +\d\.\d s)/);
  await terminal.keep('04-restart');
  await terminal.waitFor(/● ready +scheduler/, MINUTES);
  await terminal.press('s');
  await terminal.waitFor(/○ stopped +scheduler/, MINUTES);
  await terminal.keep('05-stopped-service');
  await terminal.press('s');
  await terminal.waitFor(/● ready +scheduler/, MINUTES);
}

async function logsScreen(terminal: Terminal): Promise<void> {
  await terminal.press('Enter');
  await terminal.waitFor('scheduler · following');
  await terminal.press('f');
  await terminal.waitFor('dag-processor · following');
  await terminal.press('F', 'Escape');
  await terminal.waitFor('all services · following');
  await terminal.press('/');
  for (const letter of 'info') await terminal.press(letter);
  await terminal.press('Enter');
  await terminal.waitFor(/\/info: \d+ lines/);
  await terminal.press('n', 'n', 'N');
  await terminal.keep('10-logs-searched');
  await terminal.press('Escape', 'w', 'PageUp', 'C-u');
  await terminal.waitFor('paused');
  await terminal.press('C-d', 'G', 'w');
  await terminal.waitFor('all services · following');
  await terminal.press('c');
  await terminal.waitFor(/^\w[\w-]* \| /m);
  await terminal.keep('11-stream');
  expect(await terminal.modes()).toContain('alternate 0');
  await new Promise((resolve) => setTimeout(resolve, 200));
  await terminal.press('Space');
  await terminal.waitFor('all services · following');
}

async function dagsScreen(terminal: Terminal): Promise<void> {
  await terminal.press('3');
  await terminal.waitFor(/› .*orders +paused/, MINUTES);
  await terminal.press('/', 'o', 'r', 'Enter');
  await terminal.keep('20-dags');
  await terminal.press('p');
  await terminal.waitFor('orders is unpaused');
  await terminal.press('t');
  await terminal.waitFor('Triggered ');
  await terminal.press('Enter');
  await terminal.waitFor(/✓ success +extract/, MINUTES);
  await terminal.keep('21-run');
  await terminal.press('[');
  await terminal.waitFor('run 2 of 2');
  await terminal.press(']');
  await terminal.waitFor(/run 1 of 2[^]*✓ success +extract/);
  await terminal.press('Enter');
  await terminal.waitFor('extracting in the dashboard');
  await terminal.keep('22-task-log');
  await terminal.press('w', 'v');
  await terminal.waitFor('return_value');
  await terminal.keep('23-xcom');
  await terminal.press('Escape', 'Escape');
  await terminal.waitFor('LAST RUN');
  await terminal.press('x');
  await terminal.waitFor('Any key goes back', 2 * MINUTES);
  expect(await terminal.keep('24-run-dag')).toContain('extracting in the dashboard');
  await new Promise((resolve) => setTimeout(resolve, 200));
  await terminal.press('Space');
  await terminal.waitFor('LAST RUN');
  await terminal.press('L');
  await terminal.waitFor(/Parsing all DAG files: done|broken\.py|parsed/, MINUTES);
}

async function errorsAndOverlays(terminal: Terminal): Promise<void> {
  await terminal.press('4');
  await terminal.waitFor("No module named 'panda'", MINUTES);
  await terminal.keep('30-errors');
  await terminal.press('Tab');
  await terminal.waitFor('[1 Services]');
  await terminal.press('BTab', '?');
  await terminal.waitFor('Find a command by name');
  await terminal.keep('31-help');
  await terminal.press('?', ':');
  for (const letter of 'logs') await terminal.press(letter);
  await terminal.waitFor(/› 2 +Logs/);
  await terminal.keep('32-palette');
  await terminal.press('Enter');
  await terminal.waitFor('all services');
  await terminal.press('C-k');
  await terminal.waitFor('Restart all services');
  await terminal.press('Escape', '1', 'o');
  await terminal.waitFor(/Opening Airflow's UI|browser/);
}

/** Ctrl+C once is a question, twice is an answer; Ctrl+Z goes to the shell. */
async function leaving(terminal: Terminal, before: string): Promise<void> {
  await terminal.press('C-z');
  await terminal.waitFor('Stopped');
  expect(await terminal.modes()).toContain('alternate 0 cursor 1');
  await terminal.command('fg');
  await terminal.waitFor('[1 Services]');
  await terminal.press('C-c');
  await terminal.waitFor('Leave the dashboard?');
  await terminal.keep('35-question');
  await terminal.press('c');
  await terminal.waitFor((screen) => !screen.includes('Leave the dashboard?'));
  await terminal.press('C-c', 'C-c');
  await terminal.waitFor('devenv attach');
  await terminal.waitForShell();
  await terminal.keep('36-left');
  expect(await terminal.modes()).toBe(before);
}

test(
  'nothing is drawn, and hardly anything done, while nothing changes',
  { timeout: 4 * MINUTES },
  async () => {
    await using project = await createProject({ airflow: '3.3.2', files: {} });
    await project.devenv(['up', '-d', 'triggerer'], { timeout: 2 * MINUTES });
    await using terminal = await terminalIn(project, 'dashboard-idle');
    await terminal.command(`${DEVENV} attach`);
    await terminal.waitFor(/● ready +triggerer/, MINUTES);
    const pid = await terminal.foregroundPid();
    const start = await cpuMilliseconds(pid);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const used = (await cpuMilliseconds(pid)) - start;
    process.stdout.write(`CPU of an idle dashboard: ${used} ms in 10 s\n`);
    expect(used).toBeLessThan(500);
    await terminal.press('C-c', 'C-c');
    await terminal.waitForShell();
  },
);

async function terminalIn(project: TestProject, folder: string): Promise<Terminal> {
  const env = { ...project.env, BROWSER: 'true' };
  return openTerminal({ columns: 80, rows: 24, cwd: project.root, env, folder });
}

/** The header at the top, the keys at the bottom, and nothing of an earlier size. */
function isWhole(screen: string, [columns, rows]: readonly [number, number]): boolean {
  const lines = screen.split('\n');
  const headers = lines.filter((line) => line.includes('● ready') && line.includes('http://'));
  return (
    headers.length === 1 &&
    lines[0] === headers[0] &&
    lines.length === rows - 1 &&
    (lines.at(-1) ?? '').includes('q quit') &&
    lines.every((line) => line.length <= columns)
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** User and system time of a process, from `/proc/<pid>/stat`. */
async function cpuMilliseconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
