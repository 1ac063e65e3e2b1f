import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseName, socketDirectoryIn } from '../../../src/database/describeDatabase.ts';
import { withConnection } from '../../../src/database/sql.ts';
import { runtimeDirectory } from '../../../src/platform/paths.ts';
import type { AirflowLine, TestProject } from './project.ts';

export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** Living processes (no zombies) whose command line contains the text. */
export function processesWith(text: string): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        if (state === 'Z' || !commandLine.includes(text)) return [];
        return [{ pid: Number(name), parent: Number(parent), commandLine }];
      } catch {
        return [];
      }
    });
}

/** The project's preloaded process, its warm runner, and the processes forked for runs. */
export function runnerProcesses(project: TestProject): {
  preloaded: SeenProcess | undefined;
  warm: SeenProcess | undefined;
  runs: SeenProcess[];
} {
  const all = processesWith(`preload ${path.dirname(project.root)}`);
  const preloaded = all.find((each) => !all.some((other) => other.pid === each.parent));
  const warm = all.find((each) => each.parent === preloaded?.pid);
  return { preloaded, warm, runs: all.filter((each) => each.parent === warm?.pid) };
}

/** Seconds for a `sleep` that no other process sleeps: finds it again by its command line. */
export function uniqueSeconds(): string {
  return `9${randomInt(1_000, 9_999)}.${randomInt(100_000, 999_999)}`;
}

/** Waits for something to become true; fails with what `describe` says was seen last. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  describe: () => unknown,
  timeout = 30_000,
): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(
        `Not within ${timeout} ms. Seen last: ${JSON.stringify(await describe(), undefined, 2)}`,
      );
    await sleep(20);
  }
}

/** A read-only look into the project's database. */
export async function queryDatabase(
  project: TestProject,
  airflow: AirflowLine,
  text: string,
): Promise<Record<string, unknown>[]> {
  const runtime = await runtimeDirectory({ env: project.env, platform: process.platform }, project.root);
  return withConnection(socketDirectoryIn(runtime), databaseName(airflow), (query) => query(text));
}

export async function dagRunStates(project: TestProject, airflow: AirflowLine): Promise<string[]> {
  const rows = await queryDatabase(
    project,
    airflow,
    `select dag_id || ' ' || state as run from dag_run order by id`,
  );
  return rows.map((row) => String(row['run']));
}
