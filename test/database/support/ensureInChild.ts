/** Run as a child process by the tests: `node ensureInChild.ts <request as JSON>`; prints the answer as JSON. */
import { databaseIsUp, ensureDatabase, stopDatabase } from '../../../src/database/database.ts';
import type { Context } from '../../../src/context.ts';
import type { ChildRequest } from './harness.ts';

const request = JSON.parse(process.argv[2] ?? '') as ChildRequest;
const texts: string[] = [];
const context: Context = {
  env: process.env,
  platform: process.platform,
  workingDirectory: process.cwd(),
  now: Date.now,
  signal: new AbortController().signal,
  emit: (event) => {
    texts.push(event.text);
  },
};
const start = performance.now();
try {
  const result =
    request.work === 'stop'
      ? { stopped: await stopDatabase(context, request.project) }
      : request.work === 'isUp'
        ? { up: await databaseIsUp(context, request.project) }
        : await ensureDatabase(context, request.project, request.environment, request.options);
  process.stdout.write(
    JSON.stringify({ ...result, ms: performance.now() - start, texts, uid: process.getuid?.() }),
  );
} catch (error) {
  process.stderr.write(String(error instanceof Error ? error.stack : error) + '\n' + JSON.stringify(error));
  process.exitCode = 1;
}
