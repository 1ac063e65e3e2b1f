import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment } from '../../src/airflow/childEnvironment.ts';
import { ensureUv } from '../../src/airflow/uv.ts';
import type { Context } from '../../src/context.ts';
import { runCommand } from '../../src/platform/childProcess.ts';
import { withFileLock } from '../../src/platform/fileLock.ts';
import { cacheDirectory } from '../../src/platform/paths.ts';

const REQUIREMENTS = path.resolve(import.meta.dirname, '../../test/python/requirements.txt');

/** A tool for the Python side, e.g. `ruff`; all of them are in one small environment in the cache. */
export async function pythonTool(name: string): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, 'utf8');
  const key = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const directory = path.join(cacheDirectory(context), 'python-tools', key);
  await withFileLock(`${directory}.lock`, { signal: context.signal }, () => install(directory));
  return path.join(directory, 'bin', name);
}

async function install(directory: string): Promise<void> {
  const complete = path.join(directory, 'complete');
  if (existsSync(complete)) return;
  const uv = await ensureUv(context);
  const options = { env: cleanEnvironment(context.env), signal: context.signal };
  await rm(directory, { recursive: true, force: true });
  await runCommand(uv, ['venv', '--quiet', '--python', '>=3.11', directory], options);
  const target = ['--python', path.join(directory, 'bin', 'python'), '--requirements', REQUIREMENTS];
  await runCommand(uv, ['pip', 'install', '--quiet', ...target], options);
  await writeFile(complete, '');
}

const context: Context = {
  env: process.env,
  platform: process.platform,
  workingDirectory: process.cwd(),
  now: Date.now,
  emit: () => {},
  signal: AbortSignal.timeout(600_000),
};
