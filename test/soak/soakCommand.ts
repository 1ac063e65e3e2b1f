import { spawn } from 'node:child_process';
import path from 'node:path';

/** A command of devenv that was started, and what came of it. */
export interface SoakCommand {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  hasEnded(): boolean;
  /** Resolves when it has printed this. */
  printed(text: string): Promise<void>;
}

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  /** It was killed since it had not ended within its limit. */
  readonly hung: boolean;
}

export interface CommandPlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly limitMs: number;
  /** Another program than devenv's. */
  readonly command?: readonly [string, ...string[]];
  readonly input?: string;
}

export function startCommand(args: readonly string[], place: CommandPlace): SoakCommand {
  const begun = performance.now();
  const [program, ...first] = place.command ?? [process.execPath, '--', devenvProgram()];
  const child = spawn(program, [...first, ...args], {
    cwd: place.cwd,
    env: place.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(place.input ?? '');
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  let [hung, over] = [false, false];
  const ended = new Promise<Ended>((resolve) => {
    const finish = (code: number | null): void => {
      clearTimeout(timer);
      over = true;
      resolve({ code: code ?? undefined, ...output, milliseconds: performance.now() - begun, hung });
    };
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
      // What it started may hold its output open.
      setTimeout(() => finish(null), 2_000).unref();
    }, place.limitMs);
    child.on('close', finish);
  });
  const printed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      child.stdout.on('data', () => {
        if (output.stdout.includes(text)) resolve();
      });
    });
  return { pid: child.pid ?? -1, ended, hasEnded: () => over, printed };
}

/** `devenv up -d: exit 1`, and what it said. */
export function describeEnd(args: readonly string[], { code, stdout, stderr, hung }: Ended): string {
  const how = hung ? 'did not end within its limit' : code === undefined ? 'was killed' : `exit ${code}`;
  return `devenv ${args.join(' ')}: ${how}\n${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`;
}

function devenvProgram(): string {
  return process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');
}
