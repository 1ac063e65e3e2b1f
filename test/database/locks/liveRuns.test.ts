import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { liveRuns } from '../../../src/database/locks/liveRuns.ts';

test.runIf(process.platform === 'linux')(
  'runs of living processes on this database, and no others',
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'devenv-runs-'));
    const stat = await readFile(`/proc/${process.pid}/stat`, 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const record = {
      pid: process.pid,
      start_time: started,
      database: 'airflow_3_3',
      dag_id: 'd',
      run_id: 'r',
    };
    const files = {
      'alive.json': `${JSON.stringify(record)}\n["task", -1]\n`,
      'elsewhere.json': JSON.stringify({ ...record, database: 'airflow_2_11' }),
      'reused-pid.json': JSON.stringify({ ...record, start_time: '1' }),
      'half.json': '{"pid": ',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
    expect(await liveRuns(directory, 'airflow_3_3')).toEqual([{ dagId: 'd', runId: 'r', pid: process.pid }]);
    await rm(directory, { recursive: true });
  },
);
