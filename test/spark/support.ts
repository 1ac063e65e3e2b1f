import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../../src/context.ts';

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'devenv-spark-'));
}

export async function writeTree(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    if (name.includes('bin/')) await chmod(file, 0o755);
  }
}

export function testContext(folder: string, env: Context['env'] = {}): Context {
  return {
    env: { PATH: process.env['PATH'], ...env },
    platform: process.platform,
    workingDirectory: folder,
    now: Date.now,
    emit: () => {},
    signal: AbortSignal.timeout(30_000),
  };
}
