import { rename } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER } from './support/dags.ts';
import { processesWith, until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, the, type Started, type TestProject } from './support/project.ts';

const helper = (text: string): string => `def greeting():\n    return ${JSON.stringify(text)}\n`;
const dagFile = (text: string): string => `${DAG_HEADER}
from texts.greetings import greeting
@dag(schedule=None, start_date=START)
def watched():
    @task
    def work():
        return greeting() + ${JSON.stringify(text)}
    work()
watched()
`;

const FILES = {
  'dags/watched.py': dagFile(' there'),
  'shared/texts/__init__.py': '',
  'shared/texts/greetings.py': helper('hello'),
};

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test('--watch runs again when the DAG or what it imports is saved, until Ctrl+C', async () => {
    const run = project.start(['run-dag', '--watch', 'dags/watched.py']);
    const watching = waitsAgain(run);
    expect(await watching()).toContain("'hello there'");
    await project.write({ 'dags/watched.py': dagFile(' world') });
    expect(await watching()).toContain("'hello world'");
    await project.write({ 'shared/texts/greetings.py': helper('good morning') });
    expect(await watching()).toContain("'good morning world'");
    // Many editors write aside and rename; a second time, too.
    for (const text of ['renamed', 'renamed again']) {
      const aside = path.join(project.root, 'shared/texts/.greetings.py.swp');
      await project.write({ 'shared/texts/.greetings.py.swp': helper(text) });
      await rename(aside, path.join(project.root, 'shared/texts/greetings.py'));
      expect(await watching()).toContain(`'${text} world'`);
    }
    await project.write({ 'shared/texts/greetings.py': 'def greeting(:\n' });
    expect(await watching()).toContain('greetings.py:1');
    await project.write({ 'shared/texts/greetings.py': helper('mended') });
    expect(await watching()).toContain("'mended world'");
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  });

  test('--watch that begins with a broken import runs again when that is mended', async () => {
    await project.write({ 'shared/texts/greetings.py': 'def greeting(:\n' });
    const run = project.start(['run-dag', '--watch', 'dags/watched.py']);
    const watching = waitsAgain(run);
    expect(await watching()).toContain('greetings.py:1');
    await project.write({ 'shared/texts/greetings.py': helper('mended') });
    expect(await watching()).toContain("'mended world'");
    run.kill('SIGTERM');
    expect((await run.ended).code).toBe(143);
  });

  test('--debug waits for a debugger on the port it prints, and the run goes on with one', async () => {
    await project.write(FILES);
    const port = await freePort();
    const run = project.start(['run-dag', 'dags/watched.py', '--debug', String(port)]);
    await run.waitFor((output) => output.includes(`127.0.0.1:${port}`));
    const debuggerEnd = await attachDebugger(port);
    const result = await run.ended;
    debuggerEnd();
    expect([result.code, result.stdout]).toEqual([0, expect.stringContaining("'hello there'")]);
  });

  test('--debug says when the port is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    const result = await project.runDag(['dags/watched.py', '--debug', String(port)]);
    server.close();
    expect([result.code, the(result, 'error').code]).toEqual([1, 'debugger_not_started']);
  });

  test('Ctrl+C ends a run that waits for a debugger', async () => {
    const port = await freePort();
    const run = project.start(['run-dag', 'dags/watched.py', '--debug', String(port)]);
    await run.waitFor((output) => output.includes(`127.0.0.1:${port}`));
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    const left = () => processesWith('debugpy').filter((each) => each.commandLine.includes(String(port)));
    await until(() => left().length === 0, left);
  });
});

/** Gives, each time, what was printed from the last time on until the command waits for a save again. */
function waitsAgain(run: Started): () => Promise<string> {
  let [times, read] = [0, 0];
  return async () => {
    times += 1;
    const output = await run.waitFor((text) => text.split('Watching:').length > times, 60_000);
    const news = output.slice(read);
    read = output.length;
    return news;
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The Debug Adapter Protocol as an editor begins it; gives a function that hangs up. */
async function attachDebugger(port: number): Promise<() => void> {
  const socket = net.connect(port, '127.0.0.1');
  let sequence = 0;
  const send = (command: string, args: Record<string, unknown>): void => {
    sequence += 1;
    const body = JSON.stringify({ seq: sequence, type: 'request', command, arguments: args });
    socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  let received = '';
  socket.setEncoding('utf8').on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No debugger in 30 s: ${received}`)), 30_000);
    socket.on('data', (text: string) => {
      received += text;
      if (!received.includes('"initialized"')) return;
      clearTimeout(timer);
      resolve();
    });
    send('initialize', { clientID: 'test', adapterID: 'debugpy' });
    send('attach', { justMyCode: true });
  });
  send('configurationDone', {});
  return () => socket.destroy();
}
