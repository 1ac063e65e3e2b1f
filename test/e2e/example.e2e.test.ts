import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/dagruns/events.ts';
import { AIRFLOW_LINES, createProject, finalStates, the } from './support/project.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../docs/examples/orders');

test.each(AIRFLOW_LINES)('the example of the README runs to success on Airflow %s', async (airflow) => {
  const files = await exampleFiles();
  const settings = files['devenv.yaml']?.replace(/version: [\d.]+/, `version: ${airflow}`) ?? '';
  expect(settings).toContain(airflow);
  await using project = await createProject({ airflow, files: { ...files, 'devenv.yaml': settings } });

  const result = await project.runDag(['dags/orders.py']);

  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(finalStates(result)).toEqual({
    'export_ready': 'success',
    'list_shops': 'success',
    'fetch[0]': 'success',
    'fetch[1]': 'success',
    'fetch[2]': 'success',
    'add_up': 'success',
    'is_busy_day': 'success',
    'alert_warehouse': 'success',
    'quiet_day': 'skipped',
    'publish': 'success',
  });
  expect(stateChanges(result.events, 'export_ready')).toContain('deferred');
  expect(the(result, 'return_value')).toMatchObject({ task_id: 'publish' });
  expect(the(result, 'return_value').value).toContain("'shops': 3");
  const logs = result.events.flatMap((each) => (each.event === 'log' ? [each.text] : []));
  expect(logs.join('\n')).toContain('12 orders of berlin from orders.example.com');
});

function stateChanges(events: readonly RunEvent[], taskId: string): string[] {
  return events.flatMap((each) =>
    (each.event === 'task_state' || each.event === 'task_finished') && each.task_id === taskId
      ? [each.state]
      : [],
  );
}

async function exampleFiles(): Promise<Record<string, string>> {
  const entries = await readdir(EXAMPLE, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(EXAMPLE, path.join(entry.parentPath, entry.name)))
    .filter((name) => !/(^|\/)(\.devenv|__pycache__)\//.test(name));
  const texts = await Promise.all(names.map((name) => readFile(path.join(EXAMPLE, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}
