import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandRun, ShellCommand } from '../commandRun.ts';
import { present } from '../commandRun.ts';
import type { Item, PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { pathProblem } from '../shellProblem.ts';
import { printFile } from './copy.ts';
import { refuseFolder } from './copyItems.ts';

const KILOBYTE = 1024;
const FOLLOW_MS = 5_000;

/** `-cat [-ignoreCrc] <src> ...` */
export const cat: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: 'ignoreCrc', least: 1 });
  await run.eachPresent(rest, async (item) => {
    refuseFolder(item);
    await printFile(run, item);
  });
};

/** `-text [-ignoreCrc] <src> ...`: as `cat`, with gzip and zlib taken away. */
export const text: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: 'ignoreCrc', least: 1 });
  await run.eachPresent(rest, async (item) => {
    refuseFolder(item);
    await printText(run, item);
  });
};

/** `-head <file>` */
export const head: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: '', least: 1, most: 1 });
  await eachNamed(run, rest, (item) => printRange(run, item, 0, KILOBYTE));
};

/** `-tail [-f] [-s <sleep interval>] <file>` */
export const tail: ShellCommand = async (run, words) => {
  const { flags, values, rest } = parseFlags(words, { allowed: 'f s=', least: 1, most: 1 });
  const delay = Number(values.get('s')) || FOLLOW_MS;
  await eachNamed(run, rest, async (item) => {
    let offset = Math.max(0, item.status.length - KILOBYTE);
    await printRange(run, item, offset, item.status.length - offset);
    offset = item.status.length;
    while (flags.has('f')) {
      await sleep(delay);
      const length = (await item.fileSystem.status(item.path))?.length ?? offset;
      if (length > offset) await printRange(run, item, offset, length - offset);
      offset = length;
    }
  });
};

/** `-checksum [-v] <src> ...` */
export const checksum: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'v', least: 1 });
  await run.eachPresent(rest, async (item) => {
    refuseFolder(item);
    type Answer = {
      readonly FileChecksum: { readonly algorithm: string; readonly bytes: string; readonly length: number };
    };
    const { FileChecksum: found } = await run.session.files.web.ask<Answer>(
      'GET',
      'GETFILECHECKSUM',
      item.path,
    );
    const block = flags.has('v') ? `\tBlockSize=${item.status.blockSize}` : '';
    const bytes = found.bytes.slice(0, found.length * 2);
    await run.print(`${item.shown}\t${found.algorithm}\t${bytes}${block}\n`);
  });
};

/** These two take no patterns. */
async function eachNamed(
  run: CommandRun,
  words: readonly string[],
  work: (item: PresentItem) => Promise<void>,
): Promise<void> {
  for (const word of words) {
    await run.guard(async () => {
      const item = present(await run.session.item(word));
      refuseFolder(item);
      await work(item);
    });
  }
}

async function printRange(run: CommandRun, item: Item, offset: number, length: number): Promise<void> {
  // A real server refuses to read from the very end of a file.
  if (length <= 0 || (item.status?.length ?? 0) === 0) return;
  for await (const chunk of await item.fileSystem.read(item.path, { offset, length }))
    await run.session.io.write(chunk);
}

async function printText(run: CommandRun, item: PresentItem): Promise<void> {
  const start = item.status.length === 0 ? Buffer.alloc(0) : await firstBytes(item, 3);
  if (start.subarray(0, 3).toString('latin1') === 'SEQ' || start.subarray(0, 3).toString('latin1') === 'Obj')
    throw pathProblem(item.shown, 'SequenceFile and Avro can be shown by Hadoop itself only');
  // Few look into compressed files, and everybody would wait for it.
  const { createGunzip, createInflate } = await import('node:zlib');
  const decoder =
    start[0] === 0x1f && start[1] === 0x8b
      ? createGunzip()
      : item.path.endsWith('.deflate')
        ? createInflate()
        : undefined;
  if (decoder === undefined || isFolder(item)) return printFile(run, item);
  const source = Readable.from(await item.fileSystem.read(item.path));
  source.on('error', (error) => decoder.destroy(error));
  for await (const chunk of source.pipe(decoder)) await run.session.io.write(chunk as Buffer);
}

async function firstBytes(item: PresentItem, length: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await item.fileSystem.read(item.path, { offset: 0, length })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
