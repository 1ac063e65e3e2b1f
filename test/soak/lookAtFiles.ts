import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { SoakProject } from './soakProject.ts';

/**
 * Secrets in files, in clear or as base64.
 *
 * @param since milliseconds since the epoch: only files of the project that were written since then; else all.
 */
export async function lookForSecrets(soak: SoakProject, since?: number): Promise<string[]> {
  const patterns = soak.secrets.flatMap(spellings).flatMap((each) => ['-e', each]);
  const recent = since === undefined ? [] : ['-newermt', `@${(since - 1_000) / 1000}`];
  const grep = ['-exec', 'grep', '-laF', ...patterns, '{}', '+'];
  const found = await lines('find', [soak.folder, '-type', 'f', ...recent, ...grep]);
  if (since !== undefined) return found.map((file) => `a secret is in ${file}`);
  const cache = process.env['AIRFLOW_DEVENV_CACHE'] ?? path.join(homedir(), '.cache', 'airflow-devenv');
  const begun = ['-newermt', `@${soak.begunAt / 1000}`];
  const cached = await lines('find', [
    ...[cache, '(', '-name', 'environments', '-o', '-name', 'uv', ')', '-prune'],
    ...['-o', '-type', 'f', ...begun, ...grep],
  ]);
  return [...found, ...cached].map((file) => `a secret is in ${file}`);
}

/** A secret, and what base64 makes of its middle wherever it begins. */
function spellings(secret: string): string[] {
  const shifted = [0, 1, 2].map((shift) => Buffer.from(`${'x'.repeat(shift)}${secret}`).toString('base64'));
  // The first characters depend on what is before, the last on what follows.
  return [secret, ...shifted.map((each) => each.slice(4, 4 + Math.floor((secret.length - 4) / 3) * 4))];
}

async function lines(program: string, args: readonly string[]): Promise<string[]> {
  // What is gone meanwhile, and nothing found, are exit codes of both.
  const { stdout } = await promisify(execFile)(program, [...args], { maxBuffer: 1e8 }).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout.split('\n').filter((line) => line !== '');
}
