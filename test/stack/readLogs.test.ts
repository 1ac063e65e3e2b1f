import { mkdtempSync } from 'node:fs';
import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { airflowStack } from '../../src/services/airflowServices.ts';
import type { StackEvent } from '../../src/stack/events.ts';
import type { StackConnection, StackRequest } from '../../src/stack/protocol.ts';
import { readLogs, type LogLine, type LogRequest } from '../../src/stack/readLogs.ts';
import { SERVICE_NAMES } from '../../src/stack/serviceNames.ts';

let state: string;

beforeEach(async () => {
  state = mkdtempSync(path.join(tmpdir(), 'devenv logs '));
  await mkdir(path.join(state, 'logs'));
});

test('without a stack the lines of the files come in the order of their times', async () => {
  await log('scheduler', `${at(1)} one`, `${at(3)} three`, '  of the same time');
  await log('triggerer', `${at(2)} two`);
  expect(await texts({})).toEqual([`${at(1)} one`, `${at(2)} two`, `${at(3)} three`, '  of the same time']);
});

test('rotated files are read when the last one is too short', async () => {
  await log('scheduler', 'old 1', 'old 2');
  await rename(fileOf('scheduler'), `${fileOf('scheduler')}.1`);
  await log('scheduler', 'new');
  expect(await texts({ services: ['scheduler'], lines: 2 })).toEqual(['old 2', 'new']);
});

test('time and pattern filter; a line without a time belongs to the one before it', async () => {
  await log('scheduler', `${at(1)} early`, `${at(5)} late error`, '  traceback error', `${at(6)} fine`);
  expect(await texts({ since: Date.parse(at(4)) })).toHaveLength(3);
  expect(await texts({ since: Date.parse(at(4)), pattern: /error/ })).toEqual([
    `${at(5)} late error`,
    '  traceback error',
  ]);
});

test("the preloaded process' JSON becomes text", async () => {
  await writeFile(
    path.join(state, 'logs', 'runner.log'),
    '{"event": "ready", "level": "info", "timestamp": "x"}\n',
  );
  expect(await texts({ services: ['preload'] })).toEqual(['x INFO - ready']);
});

test('a service that does not exist is refused with those that do', async () => {
  await expect(texts({ services: ['shceduler'] })).rejects.toMatchObject({ code: 'service_unknown' });
});

test('every service that a stack may have can be named', async () => {
  const shape = {
    database: 'postgres',
    airflowVersion: '3.3.2',
    forks: true,
    hdfs: true,
    kubernetes: true,
  } as const;
  const names = airflowStack(shape).map(({ name }) => name);
  expect(SERVICE_NAMES.toSorted()).toEqual(names.filter((name) => name !== 'migrate').toSorted());
  expect(await texts({ services: ['kubernetes'] })).toEqual([]);
});

test('following gives what is written from now on, also over a rotation', async () => {
  await log('scheduler', 'past');
  const controller = new AbortController();
  const found: string[] = [];
  const reading = (async () => {
    for await (const line of read({ services: ['scheduler'], follow: true }, controller.signal)) {
      found.push(line.text);
      if (line.text === 'past') await appendFile(fileOf('scheduler'), 'whole\nhal');
      if (line.text === 'whole') {
        await appendFile(fileOf('scheduler'), 'f\n');
      }
      if (line.text === 'half') {
        await rename(fileOf('scheduler'), `${fileOf('scheduler')}.1`);
        await log('scheduler', 'rotated');
      }
      if (line.text === 'rotated') controller.abort(new Error('enough'));
    }
  })();
  await expect(reading).rejects.toThrow('enough');
  expect(found).toEqual(['past', 'whole', 'half', 'rotated']);
});

test("a running stack's lines come from its supervisor, Postgres' from its file", async () => {
  await log('postgres', `${at(2)} from the file`);
  await log('scheduler', 'not read');
  const connection = fakeStack([
    { sequence: 1, service: 'scheduler', text: `${at(1)} first` },
    { sequence: 2, service: 'triggerer', text: `${at(3)} last` },
  ]);
  expect(await texts({}, connection)).toEqual([`${at(1)} first`, `${at(2)} from the file`, `${at(3)} last`]);
  expect(await texts({ services: ['scheduler'] }, connection)).toEqual([`${at(1)} first`]);
});

function fakeStack(lines: readonly { sequence: number; service: string; text: string }[]): StackConnection {
  return {
    async *request(request: StackRequest): AsyncGenerator<StackEvent> {
      expect(request.kind).toBe('logs');
      for (const line of lines) yield { v: 1, time: 0, event: 'log', ...line };
    },
  };
}

async function texts(request: Partial<LogRequest>, connection?: StackConnection): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of read(request, new AbortController().signal, connection)) found.push(text);
  return found;
}

function read(
  request: Partial<LogRequest>,
  signal: AbortSignal,
  connection?: StackConnection,
): AsyncIterable<LogLine> {
  const stack = { stateDirectory: state, connection };
  return readLogs(stack, { services: [], lines: 100, follow: false, ...request }, signal);
}

async function log(service: string, ...lines: string[]): Promise<void> {
  await appendFile(fileOf(service), lines.map((line) => `${line}\n`).join(''));
}

function fileOf(service: string): string {
  return path.join(state, 'logs', `${service}.log`);
}

function at(second: number): string {
  return `2026-11-21T11:50:0${second}.000Z`;
}
