import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { queryDatabase } from './support/inspect.ts';
import { filesWith } from './support/dagFiles.ts';
import { AIRFLOW_LINES, createProject, type AirflowLine, type TestProject } from './support/project.ts';
import { apiOf, triggerToEnd, up } from './support/stack.ts';

const [FIRST, SECOND] = ['https-hooks-of-the-team-4417', 'another-word-of-the-team-9902'] as const;
/** Of a connection that only the environment has. */
const UNSEEDED = 'password-of-the-shell-3308';

const DAG = `
import datetime
from airflow.decorators import dag, task
try:
    from airflow.sdk import Variable
except ImportError:
    from airflow.models import Variable

KEYS = [("core", "fernet_key"), ("api", "secret_key"), ("api_auth", "jwt_secret"), ("webserver", "secret_key")]

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def tells():
    @task
    def tell():
        import logging
        import os
        import subprocess
        from airflow.configuration import conf
        from airflow.hooks.base import BaseHook
        address = Variable.get("address")
        print("printed", address)
        logging.getLogger("airflow.task").info("logged %s", address)
        subprocess.run(["sh", "-c", "cat"], input=f"piped {address}\\n", text=True, check=True)
        for section, key in KEYS:
            value = conf.get(section, key, fallback="none")
            print("key", value)
            logging.getLogger("airflow.task").info("several lines\\n%s\\nof them", value)
        os.environ["AIRFLOW_CONN_UNSEEDED"] = "http://user:${UNSEEDED}@host/"
        print("password", BaseHook.get_connection("unseeded").password)
    tell()

tells()
`;

function seeds(address: string): Record<string, string> {
  return { 'seed/variables.yaml': `variables:\n  - {name: address, value: ${address}, secret: true}\n` };
}

/** As a person would in the UI: the row has what no seed has stored. */
async function keepsWhatWasChangedInTheDatabase(project: TestProject, airflow: AirflowLine): Promise<void> {
  const seeded = (await readFile(path.join(project.root, 'seed/variables.yaml'), 'utf8')).trimEnd();
  await project.write({ 'seed/variables.yaml': `${seeded}\n  - {name: other, value: from the file}\n` });
  expect((await project.devenv(['seed'])).code).toBe(0);
  const change = `update variable set val = (select val from variable where key = 'address') where key = 'other'`;
  await queryDatabase(project, airflow, change);
  const more = `${seeded}\n  - {name: other, value: from the file}\n  - {name: new, value: 1}\n`;
  await project.write({ 'seed/variables.yaml': more });
  const kept = await project.devenv(['up', '-d']);
  expect(kept.stdout + kept.stderr).toMatch(/= kept +variable +other\n.*changed in the database since/);
  expect(kept.stdout + kept.stderr).toMatch(/\+ created +variable +new/);
  await project.write({ 'seed/variables.yaml': more.replace('from the file', 'from the new file') });
  const updated = await project.devenv(['up', '-d']);
  expect(updated.stdout + updated.stderr).toMatch(
    /~ updated +variable +other\n.*had been changed in the database/,
  );
}

describe.each(AIRFLOW_LINES)('the stack of Airflow %s', (airflow) => {
  test('a seeded secret with a harmless name is masked in every log, also one seeded later, and so are the keys of the project', async () => {
    await using project = await createProject({ airflow, files: { 'dags/tells.py': DAG, ...seeds(FIRST) } });
    await up(project);
    const api = await apiOf(project, airflow);
    for (const address of [FIRST, SECOND]) {
      await project.write(seeds(address));
      const seeded = await project.devenv(['seed']);
      expect(seeded.code, seeded.stderr).toBe(0);
      const run = await triggerToEnd(api, 'tells');
      const tasks = await api.taskInstances(run);
      expect(run.state, JSON.stringify(tasks)).toBe('success');
      const log = (await api.taskLog(tasks[0]!)).join('\n');
      expect(log).toContain('printed ***');
      expect(log).toContain('logged ***');
      const services = await project.devenv(['logs', '--lines', '2000']);
      const { fernet, jwt, api: apiKey } = await keysOf(project);
      for (const secret of [address, fernet, jwt, apiKey, UNSEEDED]) {
        expect(log).not.toContain(secret);
        expect(services.stdout).not.toContain(secret);
        expect(await filesWith(path.join(project.root, '.devenv/airflow/logs'), secret)).toEqual([]);
        expect(await filesWith(path.join(project.root, '.devenv/logs'), secret)).toEqual([]);
      }
    }
    await keepsWhatWasChangedInTheDatabase(project, airflow);
  });
});

async function keysOf(project: TestProject): Promise<{ fernet: string; jwt: string; api: string }> {
  const text = await readFile(path.join(project.root, '.devenv/keys.json'), 'utf8');
  return JSON.parse(text) as { fernet: string; jwt: string; api: string };
}
