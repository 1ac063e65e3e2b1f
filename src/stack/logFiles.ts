import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StringDecoder } from 'node:string_decoder';
import { errorCode } from '../platform/fileSystemError.ts';

/** Services whose own program writes their log, under another name perhaps. */
const OWN_FILES: Readonly<Record<string, string>> = { preload: 'runner' };
const KEPT_FILES = 3;
const POLL_MS = 250;

/** The file that a service's log goes to. */
export function logFile(directory: string, service: string): string {
  return path.join(directory, `${OWN_FILES[service] ?? service}.log`);
}

/** The services that have written a log, sorted. */
export async function loggedServices(directory: string): Promise<string[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.log'));
  const service = (name: string) => Object.keys(OWN_FILES).find((each) => OWN_FILES[each] === name) ?? name;
  return names.map((name) => service(name.slice(0, -'.log'.length))).toSorted();
}

export interface LogEnd {
  readonly lines: readonly string[];
  /** Where in the file, in bytes, the line after these begins. */
  readonly position: number;
}

/** The last lines of a log, also those that were rotated away; oldest first. A line that is not whole yet is left out. */
export async function lastLines(file: string, count: number): Promise<LogEnd> {
  const current = await wholeLines(file);
  const position = current?.position ?? 0;
  let lines = current?.lines ?? [];
  for (let number = 1; number <= KEPT_FILES && lines.length < count; number += 1) {
    const older = await wholeLines(`${file}.${number}`);
    if (older === undefined) break;
    lines = [...older.lines, ...lines];
  }
  return { lines: count === 0 ? [] : lines.slice(-count), position };
}

async function wholeLines(file: string): Promise<LogEnd | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const position = bytes.lastIndexOf(LINE_BREAK) + 1;
  const text = bytes.toString('utf8', 0, position);
  return { lines: text.split('\n').filter((line) => line !== ''), position };
}

const LINE_BREAK = '\n'.charCodeAt(0);

/**
 * What is written behind a position, until the signal. Goes on when the file is rotated, emptied or made only later.
 */
export async function* newLines(file: string, from: number, signal: AbortSignal): AsyncGenerator<string> {
  let position = from;
  let [, inode] = await sizeOf(file);
  let decoder = new StringDecoder('utf8');
  let rest = '';
  while (!signal.aborted) {
    const [size, current] = await sizeOf(file);
    if (current !== inode || size < position) {
      [position, inode, rest] = [0, current, ''];
      decoder = new StringDecoder('utf8');
    }
    const chunk = size > position ? await readFrom(file, position) : Buffer.alloc(0);
    position += chunk.length;
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
    if (chunk.length === 0) await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

async function sizeOf(file: string): Promise<[size: number, inode: number]> {
  const found = await stat(file).catch(() => undefined);
  return [found?.size ?? 0, found?.ino ?? 0];
}

const CHUNK_BYTES = 1024 * 1024;

async function readFrom(file: string, position: number): Promise<Buffer> {
  try {
    await using handle = await open(file, 'r');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
