import { describe, expect, test } from 'vitest';
import { AIRFLOW_LINES, createProject } from './support/project.ts';
import { apiOf, triggerToEnd, up } from './support/stack.ts';

const [FIRST, SECOND] = ['https-hooks-of-the-team-4417', 'another-word-of-the-team-9902'] as const;

const DAG = `
import datetime
from airflow.decorators import dag, task
try:
    from airflow.sdk import Variable
except ImportError:
    from airflow.models import Variable

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def tells():
    @task
    def tell():
        import logging
        import subprocess
        address = Variable.get("address")
        print("printed", address)
        logging.getLogger("airflow.task").info("logged %s", address)
        subprocess.run(["sh", "-c", "cat"], input=f"piped {address}\\n", text=True, check=True)
    tell()

tells()
`;

function seeds(address: string): Record<string, string> {
  return { 'seed/variables.yaml': `variables:\n  - {name: address, value: ${address}, secret: true}\n` };
}

describe.each(AIRFLOW_LINES)('the stack of Airflow %s', (airflow) => {
  test('a seeded secret with a harmless name is masked in the logs of its tasks, also one seeded later', async () => {
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
      expect(log).not.toContain(address);
      const services = await project.devenv(['logs', '--lines', '2000']);
      expect(services.stdout).not.toContain(address);
    }
  });
});
