import type { CommandHost } from './commands/commandHost.ts';
import { program } from './commands/program.ts';
import { SIGNAL_EXIT_CODES, type InterruptSignal, type OnInterrupt } from './context.ts';
import { DevenvError } from './errors.ts';
import { writeError } from './ui/writeError.ts';

/**
 * From the command line to the exit code: 0 success, 1 failure, 2 misuse, 128 + n for signals. The one place that
 * ends the process.
 */
export async function main(host: NodeJS.Process): Promise<void> {
  const interrupts = listenToSignals(host);
  const controller = new AbortController();
  let interruptedBy: number | undefined;
  let handedOver = false;
  interrupts((signal, count) => {
    if (handedOver) return;
    interruptedBy ??= SIGNAL_EXIT_CODES[signal];
    controller.abort(new DevenvError({ code: 'interrupted', what: 'Interrupted.' }));
    if (count > 2) host.exit(interruptedBy);
  });
  const commandHost = {
    host,
    onInterrupt: interrupts,
    signal: controller.signal,
    handOverSignals: () => {
      handedOver = true;
    },
  };
  host.exitCode = await exitCodeOf(commandHost, () => interruptedBy);
  // Sockets and timers of a cancelled command may still be open; its work is done.
  await flush(host.stdout);
  await flush(host.stderr);
  host.exit();
}

async function exitCodeOf(
  commandHost: CommandHost,
  interruptedBy: () => number | undefined,
): Promise<number> {
  const { host, signal } = commandHost;
  try {
    return await program(commandHost);
  } catch (error) {
    const interrupted = interruptedBy();
    if (interrupted !== undefined && signal.aborted) return interrupted;
    writeError(host, error);
    return error instanceof DevenvError && error.misuse ? 2 : 1;
  }
}

function listenToSignals(host: NodeJS.Process): OnInterrupt {
  const listeners = new Set<(signal: InterruptSignal, count: number) => void>();
  let count = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    host.on(name, () => {
      count += 1;
      for (const listener of [...listeners]) listener(name, count);
    });
  }
  for (const stream of [host.stdout, host.stderr]) {
    // A reader that has closed its end (`| head`, `2>&1 | true`) is not an error of ours.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Nor is a terminal that has been closed.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

async function flush(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
