import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { childVariables } from './childVariables.ts';

export interface FedProcessOptions {
  /** The whole environment of the child: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Given to its standard input, one after the other; it prints a line for each that it is done with. */
  readonly lines: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Starts a process that works on lines while this one does something else, and that nothing waits for. It gets a few
 * lines ahead: when this process ends, however it ends, its input ends within these, and so does it.
 */
export function feedProcess(file: string, args: readonly string[], options: FedProcessOptions): void {
  const child = spawn(file, args, {
    env: childVariables(options.env),
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = options.lines.values();
  const feed = (): void => {
    const { value, done } = lines.next();
    if (done === true) child.stdin.end();
    else child.stdin.write(`${value}\n`);
  };
  // It only saves time: what needs its work does it itself.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => chunk.filter((byte) => byte === NEWLINE).forEach(feed));
  for (let ahead = 0; ahead < AHEAD; ahead += 1) feed();
  options.signal.addEventListener('abort', () => child.kill(), { once: true });
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as Socket).unref();
}

const AHEAD = 8;
const NEWLINE = 10;
