import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAG_HEADER } from './support/dags.ts';
import { runnerProcesses, until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject } from './support/project.ts';
import { requireStrace, STRACE_ADDRESSES, tracedAddresses } from './support/strace.ts';

const FILES = {
  'dags/typical.py': `${DAG_HEADER}
@dag(schedule=None, start_date=START)
def typical():
    @task
    def items():
        return [1, 2]
    @task
    def double(item):
        subprocess.run(["true"], check=True)
        return 2 * item
    double.expand(item=items())
typical()
`,
  // Proves that the test would see one: nobody answers there, and nothing leaves the machine for port 9 of it.
  'dags/connecting.py': `${DAG_HEADER}
import socket
with DAG("connecting", schedule=None, start_date=START):
    @task
    def work():
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
    work()
`,
};

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  test('a warm run opens no connection but loopback', async () => {
    requireStrace();
    await using project = await createProject({ airflow, files: FILES });
    await project.runDag(['dags/typical.py']);
    await until(
      () => runnerProcesses(project).runs.length > 0,
      () => runnerProcesses(project),
    );
    const seen = await traced('dags/typical.py');
    expect(seen.outside).toEqual([]);
    // The command itself, the runner's own and Postgres' sockets are seen: the trace has all processes.
    expect(seen.all.join('\n')).toContain('AF_UNIX');
    expect((await traced('dags/connecting.py')).outside).toEqual([expect.stringContaining('192.0.2.1')]);

    async function traced(file: string): Promise<{ all: string[]; outside: string[] }> {
      const { preloaded, warm, runs } = runnerProcesses(project);
      const attached = [preloaded, warm, ...runs].flatMap((each) => (each ? ['-p', String(each.pid)] : []));
      const [trace, other] = [path.join(project.root, 'trace'), path.join(project.root, 'trace-runner')];
      const watcher = spawn('strace', [...STRACE_ADDRESSES, '-o', other, ...attached], { stdio: 'ignore' });
      const ended = once(watcher, 'exit');
      await until(
        async () => (await tracerOf(warm!.pid)) === watcher.pid,
        () => `strace is not attached to ${warm?.pid}`,
      );
      const program =
        process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');
      const command = [...STRACE_ADDRESSES, '-o', trace, process.execPath, '--', program, 'run-dag', file];
      const run = spawn('strace', command, { cwd: project.root, env: project.env, stdio: 'ignore' });
      const [code] = (await once(run, 'exit')) as [number];
      expect(code).toBe(0);
      // Not SIGINT: a job in the background of a shell, as a CI's, has that one ignored, and so have its children.
      watcher.kill('SIGTERM');
      await until(
        async () => (await tracerOf(warm!.pid)) === 0,
        () => `strace is still attached to ${warm?.pid}`,
      );
      // Having let go, strace may wait for ever for a process that ended meanwhile; each line is written by then.
      watcher.kill('SIGKILL');
      await ended;
      const text = (await readFile(trace, 'utf8')) + (await readFile(other, 'utf8'));
      return tracedAddresses(text);
    }
  });
});

async function tracerOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1]);
}
