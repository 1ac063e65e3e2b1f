import { createHash, hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { fileSystemError } from '../platform/fileSystemError.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export interface DownloadRequest {
  readonly name: string;
  /** Asked in turn; the next one when the server has no such file. */
  readonly addresses: readonly string[];
  readonly sha256: string | undefined;
  /** Where downloads are kept, shared by all projects. */
  readonly directory: string;
  /** Don't use one that is there. */
  readonly again: boolean;
  readonly onProgress: (received: number, total: number | undefined) => void;
}

/** Beginnings of a download that was broken off are asked for again this often, as long as each brings more. */
const MOST_FRUITLESS = 3;
const IDLE_MS = 60_000;

/**
 * The local file of a download: one that is there already, else fetched. What was broken off is gone on with, also by
 * another run of the program, if the server can and its file is still the same.
 *
 * @returns the file's absolute path.
 * @throws DevenvError `artifact_unreachable`, `artifact_not_found`, `artifact_checksum`, `disk_full`; the signal's reason.
 */
export async function download(context: Context, request: DownloadRequest): Promise<string> {
  let missing: DevenvError | undefined;
  for (const address of request.addresses) {
    try {
      return await downloadFrom(context, request, address);
    } catch (error) {
      if (!(error instanceof DevenvError) || error.code !== 'artifact_not_found') throw error;
      missing = error;
    }
  }
  throw missing ?? new Error(`${request.name} has no address`);
}

async function downloadFrom(context: Context, request: DownloadRequest, address: string): Promise<string> {
  const { directory } = request;
  const key = hash('sha256', `${address} ${request.sha256 ?? ''}`).slice(0, 16);
  const file = path.join(directory, `${key}-${request.name}`);
  try {
    await makePrivateFolder(directory);
    return await withAnnouncedLock(
      context,
      `${file}.lock`,
      'another devenv that downloads this file',
      async () => {
        if (!request.again && (await isThere(file))) return file;
        const partial = { file: `${file}.part`, note: `${file}.part.json` };
        await fetchWhole(context, request, address, partial);
        await verify(request, address, partial.file);
        await rename(partial.file, file);
        await rm(partial.note, { force: true });
        return file;
      },
    );
  } catch (error) {
    throw fileSystemError(error, 'keep the download', file);
  }
}

interface Partial {
  readonly file: string;
  /** What the server has said of the file whose beginning is there. */
  readonly note: string;
}

async function fetchWhole(
  context: Context,
  request: DownloadRequest,
  address: string,
  partial: Partial,
): Promise<void> {
  for (let fruitless = 0; ;) {
    const before = await sizeOf(partial.file);
    try {
      await fetchRest(context, request, address, partial);
      return;
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof DevenvError) throw error;
      fruitless = (await sizeOf(partial.file)) > before ? 0 : fruitless + 1;
      if (fruitless >= MOST_FRUITLESS) throw unreachable(request, address, error);
      await sleep(200 * 2 ** fruitless, undefined, { signal: context.signal });
    }
  }
}

async function fetchRest(
  context: Context,
  request: DownloadRequest,
  address: string,
  partial: Partial,
): Promise<void> {
  const validator = await readFile(partial.note, 'utf8').catch(() => '');
  const offset = validator === '' ? 0 : await sizeOf(partial.file);
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error('the server sends nothing')), IDLE_MS);
  try {
    const { url, authorization } = separatePassword(address);
    const answer = await fetch(url, {
      // Bytes of the file itself count, not of a compression on the way.
      headers: {
        'accept-encoding': 'identity',
        ...authorization,
        ...(offset === 0 ? {} : { 'range': `bytes=${offset}-`, 'if-range': validator }),
      },
      signal: AbortSignal.any([context.signal, idle.signal]),
    });
    if (answer.status === 404 || answer.status === 410) throw notFound(request, address, answer.status);
    // The beginning is of another file, or longer than the file is now.
    if (answer.status === 416) await rm(partial.file, { force: true });
    if (!answer.ok) {
      if (answer.status >= 500 || answer.status === 416 || answer.status === 429)
        throw new Error(`the server answers ${answer.status}`);
      throw refused(request, address, answer.status);
    }
    const continues = answer.status === 206;
    if (!continues) await writeFileAtomic(partial.note, validatorOf(answer));
    const start = continues ? offset : 0;
    const length = Number(answer.headers.get('content-length') ?? Number.NaN);
    const total = Number.isNaN(length) ? undefined : start + length;
    let received = start;
    const body = Readable.fromWeb(answer.body as NodeReadableStream);
    body.on('data', (chunk: Buffer) => {
      received += chunk.length;
      timer.refresh();
      request.onProgress(received, total);
    });
    const target = createWriteStream(partial.file, { flags: continues ? 'a' : 'w', mode: 0o600 });
    await pipeline(body, target, { signal: context.signal });
    if (total !== undefined && received !== total) throw new Error('the connection ended early');
  } finally {
    clearTimeout(timer);
  }
}

/** By which the rest of a file is asked for; a weak one does not vouch for every byte. */
function validatorOf(answer: Response): string {
  const tag = answer.headers.get('etag');
  if (tag !== null && !tag.startsWith('W/')) return tag;
  return answer.headers.get('last-modified') ?? '';
}

async function verify({ name, sha256 }: DownloadRequest, address: string, file: string): Promise<void> {
  if (sha256 === undefined) return;
  const found = await checksum(file);
  if (found === sha256) return;
  await rm(file, { force: true });
  throw new DevenvError({
    code: 'artifact_checksum',
    what: `The artifact ${name} is not the file that was declared.`,
    why: `Its sha256 is ${found}, and ${sha256} was expected.`,
    next: [
      `Look at what ${withoutPassword(address)} gives; it may be an error page`,
      'If the file was replaced on purpose, correct sha256',
    ],
  });
}

/** SHA-256 in hexadecimal digits. */
export async function checksum(file: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(file), digest);
  return digest.digest('hex');
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

function notFound({ name }: DownloadRequest, address: string, status: number): DevenvError {
  return new DevenvError({
    code: 'artifact_not_found',
    what: `The artifact ${name} is not at ${withoutPassword(address)}.`,
    why: `The server answers ${status}.`,
    next: [
      'Correct its address or its coordinates',
      'For coordinates, name the repository that has it: artifacts.maven in devenv.yaml',
    ],
  });
}

function refused({ name }: DownloadRequest, address: string, status: number): DevenvError {
  return new DevenvError({
    code: 'artifact_unreachable',
    what: `The artifact ${name} can't be downloaded from ${withoutPassword(address)}.`,
    why: `The server answers ${status}.`,
    next: ['Download it yourself, and put it into the folder of overrides under the name of the artifact'],
  });
}

function unreachable({ name }: DownloadRequest, address: string, cause: unknown): DevenvError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new DevenvError({
    code: 'artifact_unreachable',
    what: `The artifact ${name} can't be downloaded from ${withoutPassword(address)}.`,
    why: reason instanceof Error ? reason.message : String(reason),
    next: [
      'Check the network and run devenv artifacts sync again: what was received is kept',
      'Behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1',
      'Or put a file of your own into the folder of overrides, under the name of the artifact',
    ],
    cause,
  });
}

/** A request may not name a user and a password in its address. */
function separatePassword(address: string): { url: URL; authorization: Record<string, string> } {
  const url = new URL(address);
  if (url.username === '') return { url, authorization: {} };
  const words = [url.username, url.password].map(decodeURIComponent).join(':');
  url.username = '';
  url.password = '';
  return { url, authorization: { authorization: `Basic ${Buffer.from(words).toString('base64')}` } };
}

/** Without what may be a secret: a password, and the parameters of a signed address. */
function withoutPassword(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/s, '?…');
}
