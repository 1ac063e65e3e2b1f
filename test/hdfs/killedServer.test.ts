import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ask, type WebHdfsRequest } from './support/webHdfsRequest.ts';

const ROUNDS = 12;
const CLIENTS = 4;

/** What a client was told, and what it asked for when the server went. */
interface Client {
  readonly name: string;
  readonly contents: Map<string, string>;
  /** Paths of the request that was never answered. */
  unanswered: readonly string[];
  count: number;
}

test('nothing that was acknowledged is lost when the server is killed at any moment', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'hdfs-killed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const clients = Array.from({ length: CLIENTS }, (_, index): Client => newClient(`c${index}`));
  for (let round = 0; round < ROUNDS; round += 1) {
    const { child, address } = await startServer(folder);
    for (const client of clients) await checkAll(address, client, `round ${round}`);
    const working = clients.map((client) => workUntilKilled(address, client));
    await sleep(50 + Math.random() * 150);
    child.kill('SIGKILL');
    await once(child, 'close');
    await Promise.all(working);
  }
  const { child, address } = await startServer(folder);
  for (const client of clients) await checkAll(address, client, 'at the end');
  expect(Math.max(...clients.map((client) => client.count))).toBeGreaterThan(ROUNDS);
  child.kill('SIGKILL');
  await once(child, 'close');
}, 120_000);

async function startServer(folder: string): Promise<{ child: ChildProcess; address: string }> {
  const script = path.join(import.meta.dirname, 'support/mockInChild.ts');
  const child = spawn(process.execPath, [script, folder, 'hdfs'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, address: `http://127.0.0.1:${Number(String(line))}` };
}

/** Creates, appends, renames and deletes in a directory of its own, until nobody answers. */
async function workUntilKilled(address: string, client: Client): Promise<void> {
  const tell = async (paths: readonly string[], request: WebHdfsRequest): Promise<boolean> => {
    client.unanswered = paths;
    const { status } = await ask(address, request);
    client.unanswered = [];
    expect(status).toBeLessThan(300);
    return true;
  };
  try {
    for (;;) await oneChange(client, tell);
  } catch (error) {
    // A failed expectation is no end of the server.
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}

async function oneChange(
  client: Client,
  tell: (paths: readonly string[], request: WebHdfsRequest) => Promise<boolean>,
): Promise<void> {
  client.count += 1;
  const file = `/${client.name}/f${client.count}`;
  const known = [...client.contents.keys()];
  const old = known[Math.floor(Math.random() * known.length)];
  const text = `${client.name} ${client.count} `.repeat(1 + Math.floor(Math.random() * 2000));
  const user = 'user.name=hdfs';
  const choice = old === undefined ? 0 : Math.random();
  if (choice < 0.5 || old === undefined) {
    await tell([file], { verb: 'PUT', path: file, query: `op=CREATE&${user}`, body: text });
    client.contents.set(file, text);
  } else if (choice < 0.7) {
    await tell([old], { verb: 'POST', path: old, query: `op=APPEND&${user}`, body: text });
    client.contents.set(old, client.contents.get(old)! + text);
  } else if (choice < 0.9) {
    await tell([old, file], { verb: 'PUT', path: old, query: `op=RENAME&destination=${file}&${user}` });
    client.contents.set(file, client.contents.get(old)!);
    client.contents.delete(old);
  } else {
    await tell([old], { verb: 'DELETE', path: old, query: `op=DELETE&${user}` });
    client.contents.delete(old);
  }
}

async function checkAll(address: string, client: Client, when: string): Promise<void> {
  const answer = await ask(address, { verb: 'GET', path: `/${client.name}`, query: 'op=LISTSTATUS' });
  const statuses =
    answer.status === 404
      ? []
      : (JSON.parse(String(answer.body)) as { FileStatuses: { FileStatus: { pathSuffix: string }[] } })
          .FileStatuses.FileStatus;
  const found = new Set(statuses.map((status) => `/${client.name}/${status.pathSuffix}`));
  for (const each of client.unanswered) {
    // Of what was not answered, either may be.
    client.contents.delete(each);
    if (found.has(each)) {
      const { status, body } = await ask(address, { verb: 'GET', path: each, query: 'op=OPEN' });
      expect(status, `${when}: ${each} can be read`).toBe(200);
      client.contents.set(each, String(body));
    }
  }
  client.unanswered = [];
  expect([...found].sort(), when).toEqual([...client.contents.keys()].sort());
  for (const [file, contents] of client.contents) {
    const { body } = await ask(address, { verb: 'GET', path: file, query: 'op=OPEN' });
    expect(String(body) === contents, `${when}: contents of ${file}`).toBe(true);
  }
}

function newClient(name: string): Client {
  return { name, contents: new Map(), unanswered: [], count: 0 };
}
