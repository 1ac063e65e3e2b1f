import { PassThrough, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { main } from '../../../src/main.ts';

export interface Ended {
  readonly code: number;
  readonly output: string;
  /** Errors of a stream that nothing listened to: a process ends with each of them. */
  readonly uncaught: readonly unknown[];
}

/** A whole command line in this process, as `devenv` runs it, with the machine that it is given. */
export async function runInProcess(
  words: readonly string[],
  machine: {
    readonly env: NodeJS.ProcessEnv;
    readonly cwd: () => string;
    /** Whether the readers of its output have gone. */
    readonly isClosed?: boolean;
  },
): Promise<Ended> {
  const chunks: string[] = [];
  const stream = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(String(chunk));
        done(machine.isClosed === true ? Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }) : null);
      },
    });
  const [stdout, stderr] = [stream(), stream()];
  const stdin = new PassThrough();
  stdin.end();
  const host = {
    argv: [process.execPath, 'devenv', ...words],
    env: machine.env,
    platform: process.platform,
    arch: process.arch,
    execPath: process.execPath,
    pid: process.pid,
    stdin,
    stdout,
    stderr,
    exitCode: 0,
    cwd: machine.cwd,
    on: () => host,
    off: () => host,
    exit: () => {},
  };
  const uncaught: unknown[] = [];
  const running = main(host as unknown as NodeJS.Process);
  // Asked last, so that what `main` listens to counts.
  for (const each of [stdout, stderr])
    if (each.listenerCount('error') === 0) each.on('error', (error) => uncaught.push(error));
  await running;
  await nextTurn();
  return { code: host.exitCode, output: chunks.join(''), uncaught };
}
