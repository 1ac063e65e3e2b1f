import type { Project } from '../config/project.ts';
import { SIGNAL_EXIT_CODES, type Context } from '../context.ts';
import type { RunEvent } from './events.ts';
import { runDag, type RunDagControl } from './runDag.ts';
import type { RunDagOptions } from './runRequest.ts';

/** Editors write a file several times within one save. */
const SETTLE_MS = 50;

/**
 * Runs, and runs again whenever one of the files that the last run read is saved, until a signal ends it.
 *
 * @returns the exit code of the last run, or of the signal.
 */
export async function watchRuns(
  context: Context,
  project: Project,
  options: RunDagOptions,
  control: RunDagControl,
): Promise<number> {
  const { watch } = await import('chokidar');
  const watcher = watch([], { ignoreInitial: true });
  let changed = Promise.withResolvers<string>();
  let interruptedBy: number | undefined;
  const stopListening = control.onInterrupt((signal) => {
    interruptedBy ??= SIGNAL_EXIT_CODES[signal];
    changed.resolve('');
  });
  watcher.on('all', (_event, file) => changed.resolve(file));
  if (options.file !== undefined) watcher.add(options.file);
  try {
    for (;;) {
      const code = await runDag(context, project, options, {
        ...control,
        emit: (event) => {
          follow(event, (files) => watcher.add([...files]));
          control.emit(event);
        },
      });
      if (interruptedBy !== undefined) return code;
      control.note('Watching: saved files run it again, Ctrl+C ends.');
      const file = await changed.promise;
      if (interruptedBy !== undefined) return interruptedBy;
      await new Promise((resolve) => {
        setTimeout(resolve, SETTLE_MS);
      });
      changed = Promise.withResolvers<string>();
      control.note(`${file} was saved.`);
    }
  } finally {
    stopListening();
    await watcher.close();
  }
}

function follow(event: RunEvent, add: (files: readonly string[]) => void): void {
  if (event.event === 'sources') add(event.files);
  // A module that could not be imported was never loaded, and is what will be saved next.
  else if (event.event === 'error' && event.detail?.file !== undefined) add([event.detail.file]);
}
