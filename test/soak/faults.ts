import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ownProcesses } from './ownProcesses.ts';
import { EXPECTED, type SoakProject } from './soakProject.ts';

/** Rows that are gone or half written, and secrets in a file. */
export async function lookForFaults(soak: SoakProject, digest: string): Promise<string[]> {
  return [...(await lookAtRows(soak, digest)), ...(await lookForSecrets(soak))];
}

async function lookAtRows(soak: SoakProject, digest: string): Promise<string[]> {
  const seen = await soak.rows().catch((error: unknown) => String(error));
  if (typeof seen === 'string') return [`the database can not be read: ${seen}`];
  return [
    ...(seen.kept === EXPECTED.kept && seen.digest === digest
      ? []
      : [`rows were lost or changed: ${seen.kept} are left`]),
    ...(seen.batch === EXPECTED.batch && seen.generations.length === 1
      ? []
      : [`a seed is there by halves: ${seen.batch} rows of generations ${seen.generations.join(', ')}`]),
  ];
}

/** In every file of the project, its runtime folder and its temporary folder, and what the cache got since. */
async function lookForSecrets(soak: SoakProject): Promise<string[]> {
  const patterns = soak.secrets.flatMap((each) => ['-e', each]);
  const found = await lines('grep', ['-rlaF', '--devices=skip', ...patterns, soak.folder]);
  const minutes = Math.ceil((Date.now() - soak.begunAt) / 60_000) + 1;
  const cache = process.env['AIRFLOW_DEVENV_CACHE'] ?? path.join(homedir(), '.cache', 'airflow-devenv');
  const recent = ['-type', 'f', '-mmin', `-${minutes}`, '-exec', 'grep', '-laF', ...patterns, '{}', '+'];
  const cached = await lines('find', [cache, '-name', 'environments', '-prune', '-o', ...recent]);
  return [...found, ...cached].map((file) => `a secret is in ${file}`);
}

async function lines(program: string, args: readonly string[]): Promise<string[]> {
  // What is gone meanwhile, and nothing found, are exit codes of both.
  const { stdout } = await promisify(execFile)(program, [...args]).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout.split('\n').filter((line) => line !== '');
}

/** What `down --all` has not found. Supervised processes have some seconds to notice that they are alone. */
export async function lookForLeftovers(soak: SoakProject): Promise<string[]> {
  const { code, stdout, stderr } = await soak.devenv(['down', '--all']);
  if (code !== 0) return [`down --all: exit ${code}\n${stdout}\n${stderr}`];
  const deadline = performance.now() + GONE_MS;
  let left = ownProcesses(soak.folder);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(200);
    left = ownProcesses(soak.folder);
  }
  return left.map(({ pid, command }) => `down --all leaves process ${pid}: ${command.slice(0, 120)}`);
}

const GONE_MS = 8_000;
