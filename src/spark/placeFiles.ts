import { constants, createWriteStream } from 'node:fs';
import { copyFile, cp, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { type HdfsFiles, hdfsPath } from '../hdfs/client/hdfsFiles.ts';
import { errorCode, fileSystemError } from '../platform/fileSystemError.ts';
import { ensureUnpacked } from './archiveCache.ts';
import { isArchive, missingInterpreter } from './archives.ts';
import type { Placement } from './planFiles.ts';
import { isOnHdfs } from './sparkUris.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export interface PlacingTools {
  /** Opened when a file of HDFS is needed first. */
  readonly hdfs: () => Promise<HdfsFiles>;
  /** Where unpacked archives are kept between jobs. */
  readonly cacheDirectory: string;
  /** Where archives lie while they are unpacked. */
  readonly downloadDirectory: string;
  readonly python: string;
  /** Tells the person what may explain a failure later. */
  readonly warn: (text: string) => void;
}

/**
 * Brings the files of a plan to their places, one after the other.
 *
 * @throws DevenvError `spark_file_not_found`, `spark_file_unreachable`, `spark_archive_damaged`, `disk_full`.
 */
export async function placeFiles(
  context: Context,
  placements: readonly Placement[],
  tools: PlacingTools,
): Promise<void> {
  for (const each of placements) {
    context.signal.throwIfAborted();
    try {
      await makePrivateFolder(path.dirname(each.target));
      if (each.kind === 'archive' && isArchive(sourceName(each))) await placeArchive(context, each, tools);
      else await fetchFile(context, each.source, each.target, tools);
    } catch (error) {
      throw fileSystemError(error, 'bring the file', each.target);
    }
  }
}

async function placeArchive(
  context: Context,
  { source, target }: Placement,
  tools: PlacingTools,
): Promise<void> {
  const name = sourceName({ source });
  const folder = await ensureUnpacked(context, {
    name,
    cacheDirectory: tools.cacheDirectory,
    stamp: await stampOf(source, tools),
    python: tools.python,
    fetch: async () => {
      if (path.isAbsolute(source)) return source;
      const file = path.join(tools.downloadDirectory, name);
      await makePrivateFolder(tools.downloadDirectory);
      await fetchFile(context, source, file, tools);
      return file;
    },
  });
  const missing = await missingInterpreter(folder);
  if (missing !== undefined) {
    tools.warn(
      `The environment of ${name} was built with ${missing}, which is not on this machine: ` +
        'devenv package builds one that works here',
    );
  }
  // As YARN does: a link into a folder that several jobs may share.
  await symlink(folder, target);
}

/** What tells one version of a file from the next; `undefined` for a place that does not say. */
async function stampOf(source: string, tools: PlacingTools): Promise<string | undefined> {
  if (path.isAbsolute(source)) {
    const found = await stat(source).catch((error: unknown) => {
      throw errorCode(error) === 'ENOENT' ? notFound(source) : error;
    });
    return `${source} ${found.size} ${found.mtimeMs}`;
  }
  if (!isOnHdfs(source)) return undefined;
  const found = await (await tools.hdfs()).status(hdfsPath(source));
  if (found === undefined) throw notFound(source);
  return `${source} ${found.length} ${found.modificationTime}`;
}

async function fetchFile(
  context: Context,
  source: string,
  target: string,
  tools: PlacingTools,
): Promise<void> {
  if (path.isAbsolute(source)) return copy(source, target);
  const body = isOnHdfs(source) ? await openOnHdfs(source, tools) : await openOnWeb(context, source);
  await pipeline(Readable.fromWeb(body as NodeReadableStream), createWriteStream(target, { mode: 0o600 }), {
    signal: context.signal,
  });
}

async function copy(source: string, target: string): Promise<void> {
  try {
    if ((await stat(source)).isDirectory()) await cp(source, target, { recursive: true });
    else await copyFile(source, target, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? notFound(source) : error;
  }
}

async function openOnHdfs(source: string, tools: PlacingTools): Promise<ReadableStream<Uint8Array>> {
  const hdfs = await tools.hdfs();
  if (!(await hdfs.exists(hdfsPath(source)))) throw notFound(source);
  return hdfs.open(hdfsPath(source));
}

async function openOnWeb(context: Context, source: string): Promise<ReadableStream<Uint8Array>> {
  const unreachable = (why: string, cause?: unknown): DevenvError =>
    new DevenvError({
      code: 'spark_file_unreachable',
      what: `${source}, which the job asks for, can't be downloaded.`,
      why,
      next: ['Check the network, and whether the address is right'],
      cause,
    });
  const answer = await fetch(source, { signal: context.signal }).catch((cause: unknown) => {
    context.signal.throwIfAborted();
    throw unreachable(reasonOf(cause), cause);
  });
  if (!answer.ok || answer.body === null) throw unreachable(`The server answers ${answer.status}.`);
  return answer.body;
}

/** What `fetch` throws only says that it failed; the cause says why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function sourceName({ source }: Pick<Placement, 'source'>): string {
  return path.posix.basename(source.replace(/[?#].*$/, ''));
}

function notFound(source: string): DevenvError {
  return new DevenvError({
    code: 'spark_file_not_found',
    what: `There is no ${source}, which the job asks for.`,
    next: [
      ...(isOnHdfs(source)
        ? [
            `devenv hdfs ls ${path.posix.dirname(hdfsPath(source))} shows what is there`,
            'devenv artifacts sync brings what artifacts.yaml declares',
          ]
        : ['Correct the path; it counts from the folder that spark-submit is called in']),
    ],
  });
}
