import path from 'node:path';
import { structuredLogLines } from '../airflow/restApi/structuredLog.ts';
import type { StackLogLine } from './events.ts';
import { lastLines, logFile, loggedServices, newLines } from './logFiles.ts';
import { timeOfLine } from './logTime.ts';
import { unknownService } from './plan.ts';
import type { StackConnection } from './protocol.ts';
import { SERVICE_NAMES } from './serviceNames.ts';

export interface LogRequest {
  /** All when none is named. */
  readonly services: readonly string[];
  /** The last so many of those that pass the filters. */
  readonly lines: number;
  readonly follow: boolean;
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly pattern?: RegExp | undefined;
}

export interface LogLine {
  readonly service: string;
  readonly text: string;
  /** Milliseconds since the epoch; what the line says, or the one before it of the same service. */
  readonly time?: number;
}

/** Their own programs write their files; nothing of them comes through the supervisor. */
const FILE_ONLY = new Set(['postgres', 'hdfs', 'preload', 'supervisor']);
/** As many as the supervisor keeps. */
const ALL = 5_000;

/**
 * The lines of services: from the supervisor of a stack, from the files on disk without one. With `follow` it goes
 * on until the signal.
 *
 * @throws DevenvError `service_unknown` (misuse); `supervisor_gone`, the signal's reason when aborted.
 */
export async function* readLogs(
  stack: { readonly stateDirectory: string; readonly connection: StackConnection | undefined },
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const directory = path.join(stack.stateDirectory, 'logs');
  const names = await chooseServices(directory, request.services);
  const { connection } = stack;
  const live = connection === undefined ? [] : names.filter((name) => !FILE_ONLY.has(name));
  const onDisk = names.filter((name) => !live.includes(name));
  const passes = filter(request);
  const filtered = request.since !== undefined || request.pattern !== undefined;
  const count = filtered ? ALL : request.lines;
  const files = await Promise.all(onDisk.map((name) => pastOnDisk(directory, name, count)));
  const told = live.length === 0 ? undefined : await pastOfStack(connection, live, count, signal);
  const past = merge([...files, ...(told === undefined ? [] : [told])].map(({ lines }) => lines));
  yield* request.lines === 0 ? [] : past.filter(passes).slice(-request.lines);
  if (!request.follow) return;
  const sources = [
    ...onDisk.map((name, index) => newOnDisk(directory, name, files[index]?.position ?? 0, signal)),
    ...(told === undefined ? [] : [newOfStack(connection, live, told.sequence, signal)]),
  ];
  for await (const line of together(sources)) if (passes(line)) yield line;
  signal.throwIfAborted();
}

async function chooseServices(directory: string, services: readonly string[]): Promise<readonly string[]> {
  const known = [...new Set([...SERVICE_NAMES, ...(await loggedServices(directory))])];
  const unknown = services.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownService(unknown, known);
  return services.length === 0 ? known : services;
}

/** A line without a time of its own, of a traceback say, belongs to the one before it. */
function filter({ since, pattern }: LogRequest): (line: LogLine) => boolean {
  return ({ text, time }) =>
    (since === undefined || (time ?? 0) >= since) && (pattern === undefined || pattern.test(text));
}

async function pastOnDisk(
  directory: string,
  service: string,
  count: number,
): Promise<{ readonly lines: readonly LogLine[]; readonly position: number }> {
  const { lines, position } = await lastLines(logFile(directory, service), count);
  const texts = lines.flatMap((text) => readable(service, text));
  return { lines: timed(texts.map((text) => ({ service, text }))), position };
}

async function* newOnDisk(
  directory: string,
  service: string,
  position: number,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  for await (const raw of newLines(logFile(directory, service), position, signal)) {
    for (const text of readable(service, raw)) yield { service, text, time: timeOfLine(text) ?? Date.now() };
  }
}

/** The preloaded process logs one JSON object a line. */
function readable(service: string, text: string): readonly string[] {
  return service === 'preload' && text.startsWith('{') ? structuredLogLines(text) : [text];
}

async function pastOfStack(
  connection: StackConnection | undefined,
  services: readonly string[],
  count: number,
  signal: AbortSignal,
): Promise<{ readonly lines: readonly LogLine[]; readonly sequence: number }> {
  const found: StackLogLine[] = [];
  let sequence = 0;
  // Not only these are asked for: a stack of another shape may lack one of those that have a log.
  const request = { kind: 'logs', services: [], lines: ALL, follow: false } as const;
  for await (const event of connection?.request(request, signal) ?? []) {
    if (event.event !== 'log') continue;
    sequence = event.sequence;
    if (services.includes(event.service)) found.push(event);
  }
  const lines = found.slice(-count).map(({ service, text }) => ({ service, text }));
  return { lines: count === 0 ? [] : timed(lines), sequence };
}

/** Asked for with what is past, so that nothing is lost that came meanwhile. */
async function* newOfStack(
  connection: StackConnection | undefined,
  services: readonly string[],
  after: number,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const request = { kind: 'logs', services: [], lines: ALL, follow: true } as const;
  for await (const event of connection?.request(request, signal) ?? []) {
    if (event.event !== 'log' || event.sequence <= after || !services.includes(event.service)) continue;
    const { service, text, time } = event;
    yield { service, text, time: timeOfLine(text) ?? time };
  }
}

function timed(lines: readonly LogLine[]): LogLine[] {
  const last = new Map<string, number>();
  return lines.map((line) => {
    const time = timeOfLine(line.text) ?? last.get(line.service);
    if (time === undefined) return line;
    last.set(line.service, time);
    return { ...line, time };
  });
}

/** By time; what is in order already stays so. */
function merge(parts: readonly (readonly LogLine[])[]): LogLine[] {
  if (parts.length === 1) return [...(parts[0] ?? [])];
  return parts.flat().toSorted((left, right) => (left.time ?? 0) - (right.time ?? 0));
}

/** Items of several sources as they come. */
async function* together<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (source: AsyncGenerator<T>) => source.next().then((result) => ({ source, result }));
  const waiting = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (waiting.size > 0) {
      const { source, result } = await Promise.race(waiting.values());
      if (result.done === true) {
        waiting.delete(source);
        continue;
      }
      waiting.set(source, next(source));
      yield result.value;
    }
  } finally {
    // Sources that wait for their next item end with the signal.
    for (const each of waiting.values()) each.catch(() => {});
  }
}
