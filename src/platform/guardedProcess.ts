import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnInterrupt } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { childVariables } from './childVariables.ts';
import { signalGroup } from './processGroup.ts';

interface GuardedOptions {
  /** The whole environment of the child: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where its output goes, each stream to all of its own; they are not ended. */
  readonly stdout: readonly Writable[];
  readonly stderr: readonly Writable[];
}

export interface RunGuardedOptions extends GuardedOptions {
  readonly onInterrupt: OnInterrupt;
  /** What the program is given to end after the first signal; the second one kills. */
  readonly graceMs: number;
  /** The program is to end with the process that has started us, which may be killed without killing us. */
  readonly endsWithParent: boolean;
  /** Given the process group that the program and all it starts are in. */
  readonly onStarted: (group: number) => Promise<void>;
}

interface GuardedProcess {
  readonly group: number;
  readonly terminate: (graceMs: number) => void;
  readonly ended: Promise<number>;
}

/**
 * Runs a program to its end that must not outlive us, not even when we are killed and can't do anything about it: a
 * shell holds one end of a pipe to us, and ends the group when the other end is gone. Standard input is ours; signals
 * are passed on.
 *
 * @returns its exit code, 128 and the number for a signal; when nothing of its group is left.
 * @throws DevenvError `command_not_found`.
 */
export async function runGuarded(
  file: string,
  args: readonly string[],
  options: RunGuardedOptions,
): Promise<number> {
  let signals = 0;
  let child: GuardedProcess | undefined;
  const stopListening = options.onInterrupt((_signal, count) => {
    signals = count;
    child?.terminate(count > 1 ? 0 : options.graceMs);
  });
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (!options.endsWithParent || process.ppid === parent) return;
    clearInterval(watch);
    child?.terminate(options.graceMs);
  }, PARENT_LOOK_MS);
  try {
    child = await startGuarded(file, args, options);
    if (signals > 0) child.terminate(options.graceMs);
    await options.onStarted(child.group);
    return await child.ended;
  } finally {
    clearInterval(watch);
    stopListening();
  }
}

const PARENT_LOOK_MS = 500;

async function startGuarded(
  file: string,
  args: readonly string[],
  options: GuardedOptions,
): Promise<GuardedProcess> {
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', file, ...args], {
    env: childVariables(options.env),
    cwd: options.cwd,
    detached: true,
    stdio: ['inherit', 'pipe', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(notStarted(file, cause)));
  });
  const group = child.pid ?? 0;
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the guard has no output');
  for (const target of options.stdout) stdout.pipe(target, { end: false });
  for (const target of options.stderr) stderr.pipe(target, { end: false });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      signalGroup(group, 'SIGKILL');
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  }).then(async (code) => {
    const read = [stdout, stderr].map(async (stream) => finished(stream).catch(() => {}));
    // Who left the group, as Python's workers do, may hold the other end a moment longer.
    await Promise.race([Promise.all(read), sleep(OUTPUT_PATIENCE_MS, undefined, { ref: false })]);
    return code;
  });
  let killing: NodeJS.Timeout | undefined;
  void ended.then(() => clearTimeout(killing));
  return {
    group,
    ended,
    terminate: (graceMs) => {
      signalGroup(group, 'SIGTERM');
      clearTimeout(killing);
      killing = setTimeout(() => signalGroup(group, 'SIGKILL'), graceMs);
    },
  };
}

const OUTPUT_PATIENCE_MS = 3000;

/**
 * The program runs in the background with our standard input, because a shell looks after signals only between
 * commands and while it waits. A wait that a signal cuts short tells nothing of the program: it is repeated.
 * The reader of descriptor 3 gets its end only when we are gone: nobody else has the other one. Then the shell ends what
 * the program leaves.
 */
const GUARD = `
trap : TERM INT HUP
trap 'orphaned=yes; exec >/dev/null 2>&1' USR1
exec 4<&0
"$@" <&4 3<&- 4<&- &
child=$!
(
  trap '' TERM INT HUP
  exec 4<&- >/dev/null 2>&1
  read -r _ <&3
  kill -USR1 $$
  kill -TERM "$child"
  sleep 5
  kill -KILL 0
) &
guard=$!
exec 3<&- 4<&-
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
wait "$child" 2>/dev/null
again=$?
[ "$again" = 127 ] || status=$again
[ -z "$orphaned" ] || kill -KILL 0
kill -KILL "$guard" 2>/dev/null
exit "$status"
`;

function notStarted(file: string, cause: Error): DevenvError {
  return new DevenvError({
    code: 'command_not_found',
    what: `Can't run ${file}.`,
    why: cause.message,
    cause,
  });
}
