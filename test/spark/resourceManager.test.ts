import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';
import { processStartTime } from '../../src/platform/processIdentity.ts';
import { serveResourceManager } from '../../src/spark/resourceManager.ts';
import { addRun, temporaryFolder } from './support.ts';

test('Airflow’s hook learns how a job stands, and can kill it', async () => {
  const stateDirectory = await temporaryFolder();
  const job = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  const group = job.pid!;
  const own = { pid: process.pid, processStart: await processStartTime(process.pid) };
  const running = await addRun(stateDirectory, 2, {
    ...own,
    state: 'running',
    endedAt: undefined,
    group,
    groupStart: await processStartTime(group),
  });
  await addRun(stateDirectory, 1, { state: 'failed', exitCode: 3 });
  const platform = process.platform;
  const served = await serveResourceManager({ stateDirectory, platform, address: '127.0.0.1', port: 0 });
  const at = (below: string) => `http://127.0.0.1:${served.port}/ws/v1/cluster/${below}`;
  const ask = async (below: string): Promise<unknown> => (await fetch(at(below))).json();
  try {
    const id = path.basename(running);
    expect(await ask(`apps/${id}`)).toMatchObject({
      app: { id, state: 'RUNNING', finalStatus: 'UNDEFINED' },
    });
    expect(await ask('apps/application_1_0001')).toMatchObject({
      app: { state: 'FINISHED', finalStatus: 'FAILED', diagnostics: expect.stringContaining('Exit code 3') },
    });
    expect(await ask('apps?states=RUNNING')).toMatchObject({ apps: { app: [{ id }] } });
    expect((await fetch(at('apps/application_9_0001'))).status).toBe(404);
    const refused = await fetch(at(`apps/${id}/state`), { method: 'PUT', body: '{"state": "RUNNING"}' });
    expect(refused.status).toBe(400);
    const ended = once(job, 'exit');
    const killed = await fetch(at(`apps/${id}/state`), { method: 'PUT', body: '{"state": "KILLED"}' });
    expect(await killed.json()).toEqual({ state: 'KILLED' });
    await ended;
  } finally {
    await served.close();
  }
});
