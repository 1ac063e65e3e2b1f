import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { withFileLock } from '../../platform/fileLock.ts';
import { findProgram } from '../../platform/findProgram.ts';
import { cacheDirectory } from '../../platform/paths.ts';

/** The release that is brought where PATH has none. */
const VERSION = 'v0.30.0';
const PUBLISHED = 'https://kind.sigs.k8s.io/dl';
/** Of a company's mirror: `ADDRESS/v0.30.0/kind-linux-amd64`, and the same with `.sha256sum`. */
const MIRROR_VARIABLE = 'AIRFLOW_DEVENV_KIND_URL';
const DOWNLOAD_MS = 120_000;

/**
 * Absolute path of the kind program: the one on PATH, else a pinned release in the cache, brought when it is missing
 * and compared with the checksum that is published beside it.
 *
 * @throws DevenvError `kind_not_found` when there is none and it can't be brought.
 */
export async function ensureKind(context: Context): Promise<string> {
  const found = findProgram('kind', context.env);
  if (found !== undefined) return found;
  const own = path.join(cacheDirectory(context), 'kind', VERSION, 'kind');
  if (existsSync(own)) return own;
  await withFileLock(`${path.dirname(own)}.lock`, { signal: context.signal }, async () => {
    if (!existsSync(own)) await download(context, own);
  });
  return own;
}

async function download(context: Context, target: string): Promise<void> {
  const name = `kind-${context.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const address = `${context.env[MIRROR_VARIABLE] ?? PUBLISHED}/${VERSION}/${name}`;
  context.emit({ type: 'step', id: 'kind', state: 'working', text: `Downloading kind ${VERSION}` });
  try {
    const [program, sums] = await Promise.all([
      bytes(context, address),
      bytes(context, `${address}.sha256sum`),
    ]);
    const expected = /^[\da-f]{64}/.exec(sums.toString('utf8'))?.[0];
    const found = createHash('sha256').update(program).digest('hex');
    if (found !== expected) throw new Error(`its SHA-256 is ${found}, not ${expected ?? 'published'}`);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    const aside = `${target}.${process.pid}.tmp`;
    await writeFile(aside, program, { mode: 0o700 });
    await chmod(aside, 0o700);
    await rename(aside, target).catch(async (error: unknown) => {
      await rm(aside, { force: true });
      throw error;
    });
    context.emit({ type: 'step', id: 'kind', state: 'done', text: `Downloaded kind ${VERSION}` });
  } catch (cause) {
    context.signal.throwIfAborted();
    throw notFound(address, cause);
  }
}

async function bytes(context: Context, address: string): Promise<Buffer> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(DOWNLOAD_MS)]);
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function notFound(address: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'kind_not_found',
    what: 'The kind program, which makes the cluster, is not on PATH and could not be downloaded.',
    why: `${address}: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: [
      'Install kind so that it is on PATH: https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
      `${MIRROR_VARIABLE} names a mirror of ${PUBLISHED}`,
      'Without a cluster: take kubernetes out of devenv.yaml; everything but pods works',
    ],
    cause,
  });
}
