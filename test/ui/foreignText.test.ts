import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { byteOutput, lineOutput } from '../../src/ui/byteOutput.ts';
import { writeForeignBytes } from '../../src/ui/foreignBytes.ts';
import { createLogOutput } from '../../src/ui/logOutput.ts';
import { writeLines, writeValue } from '../../src/ui/output.ts';
import { stackList } from '../../src/ui/stackList.ts';
import { createStyle } from '../../src/ui/style.ts';
import { writeError } from '../../src/ui/writeError.ts';

/** A title for the window, a cleared screen in the eight-bit form, and letters in another order. */
const EVIL = 'name\u001B]0;title\u0007\u009B2J\u202Etxt';
/* oxlint-disable-next-line no-control-regex -- what must not be in the output */
const RAW = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;

test.each([
  ['lines of a report', (stream: Output) => writeLines(stream, [`a ${EVIL}`])],
  ['a value', (stream: Output) => writeValue(stream, [EVIL])],
  ['names in HDFS', (stream: Output) => void byteOutput(stream)(new TextEncoder().encode(`${EVIL}\n`))],
  ['messages of its shell', (stream: Output) => lineOutput(stream)(EVIL)],
  ['an answer of the API', (stream: Output) => writeForeignBytes(stream, new TextEncoder().encode(EVIL))],
  ['an error', (stream: Output) => writeError(host(stream), new Error(EVIL))],
  ['lines of a log', (stream: Output) => logs(stream)({ service: EVIL, text: EVIL })],
  ['the list of projects', (stream: Output) => writeLines(stream, list())],
])('%s cannot command a terminal', (_what, write) => {
  const stream = output(true);
  write(stream);
  const text = stream.read() as string;
  expect(text).not.toMatch(RAW);
  expect(text).toContain('name');
});

test('a value that a program reads, and a file of HDFS, go into a pipe as they are', async () => {
  const stream = output(false);
  writeValue(stream, [EVIL]);
  await byteOutput(stream)(EVIL);
  expect(stream.read()).toBe(`${EVIL}\n${EVIL}`);
});

test('a character that comes in two pieces is one', async () => {
  const stream = output(true);
  const write = byteOutput(stream);
  const bytes = new TextEncoder().encode('ü');
  await write(bytes.subarray(0, 1));
  await write(bytes.subarray(1));
  expect(stream.read()).toBe('ü');
});

type Output = PassThrough & { isTTY: boolean };

function output(isTTY: boolean): Output {
  return Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
}

function host(stream: Output) {
  return { stdout: stream, stderr: stream, env: { NO_COLOR: '1' }, argv: [] } as unknown as NodeJS.Process;
}

function logs(stream: Output) {
  return createLogOutput({ stdout: stream, env: { NO_COLOR: '1' }, json: false, showService: true });
}

function list(): string[] {
  const overview = { runtimeDirectory: '/run', project: EVIL, preloaded: [], stale: [] };
  return [...stackList([overview], 0, createStyle(false))];
}
