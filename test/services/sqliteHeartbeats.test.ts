import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteHeartbeatSince } from '../../src/services/sqliteHeartbeats.ts';

test('only jobs that began since then count, by their last heartbeat', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-sqlite-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'a.db');
  const database = new DatabaseSync(file);
  database.exec('create table job (job_type text, state text, start_date text, latest_heartbeat text)');
  const add = database.prepare('insert into job values (?, ?, ?, ?)');
  add.run('SchedulerJob', 'running', '2026-11-21 12:00:00.500000', '2026-11-21 12:00:07.250000');
  add.run('TriggererJob', 'running', '2026-11-21 11:59:59.000000', '2026-11-21 12:00:07.000000');
  add.run('DagProcessorJob', 'failed', '2026-11-21 12:00:01.000000', '2026-11-21 12:00:02.000000');
  database.close();
  const since = Date.parse('2026-11-21T12:00:00Z');
  expect(await sqliteHeartbeatSince(file, 'scheduler', since)).toBe(Date.parse('2026-11-21T12:00:07.250Z'));
  expect(await sqliteHeartbeatSince(file, 'triggerer', since)).toBeUndefined();
  expect(await sqliteHeartbeatSince(file, 'dag-processor', since)).toBeUndefined();
});
