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

/** The last lines of a log, also those that were rotated away; oldest first. */
export async function lastLines(file: string, count: number): Promise<string[]> {
  let lines: string[] = [];
  for (let number = 0; number <= KEPT_FILES && lines.length < count; number += 1) {
    const text = await readFile(number === 0 ? file : `${file}.${number}`, 'utf8').catch(() => undefined);
    if (text === undefined && number > 0) break;
    lines = [...(text ?? '').split('\n').filter((line) => line !== ''), ...lines];
  }
  return count === 0 ? [] : lines.slice(-count);
}

/** What is written from now on, until the signal. Goes on when the file is rotated, emptied or made only later. */
export async function* newLines(file: string, signal: AbortSignal): AsyncGenerator<string> {
  let [position, inode] = await sizeOf(file);
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
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
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
