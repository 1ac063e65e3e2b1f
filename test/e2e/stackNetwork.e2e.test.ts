import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneTaskDag } from './support/dags.ts';
import { until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject } from './support/project.ts';
import { apiOf, findStack, triggerToEnd, up } from './support/stack.ts';
import { requireStrace, STRACE_ADDRESSES, tracedAddresses } from './support/strace.ts';

describe.each(AIRFLOW_LINES)('the stack of Airflow %s', (airflow) => {
  test('starts, runs a DAG and stops without a connection to another machine', async () => {
    requireStrace();
    await using project = await createProject({
      airflow,
      files: { 'dags/quick.py': oneTaskDag('quick', 'pass') },
    });
    await up(project);
    await project.devenv(['down', '--all']);
    const trace = path.join(project.root, 'trace');
    const program =
      process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');
    const command = [...STRACE_ADDRESSES, '-o', trace, process.execPath, '--', program, 'up', '-d'];
    // It follows the supervisor and everything below that, and ends with the last of them.
    const tracer = spawn('strace', command, { cwd: project.root, env: project.env, stdio: 'ignore' });
    const ended = once(tracer, 'exit');
    await until(
      async () => (await findStack(project))?.status === 'ready',
      () => findStack(project),
      180_000,
    );
    expect((await triggerToEnd(await apiOf(project, airflow), 'quick')).state).toBe('success');
    await project.devenv(['down', '--all']);
    await ended;
    const seen = tracedAddresses(await readFile(trace, 'utf8'));
    expect(seen.outside).toEqual([]);
    // Of the services, which are below the supervisor, and of a task, which asks the API over loopback.
    expect(seen.all.join('\n')).toContain('logs.sock');
    expect(seen.all.filter((line) => line.includes('127.0.0.1')).length).toBeGreaterThan(0);
  });
});
