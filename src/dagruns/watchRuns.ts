import type { Project } from '../config/project.ts';
import { SIGNAL_EXIT_CODES, type Context } from '../context.ts';
import type { RunEvent } from './events.ts';
import { watchFiles } from './fileWatch.ts';
import { runDag } from './runDag.ts';
import type { RunDagControl } from './runDagControl.ts';
import type { RunDagOptions } from './runRequest.ts';

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
  const watched = await watchFiles();
  const interrupted = Promise.withResolvers<undefined>();
  let interruptedBy: number | undefined;
  const stopListening = control.onInterrupt((signal) => {
    interruptedBy ??= SIGNAL_EXIT_CODES[signal];
    interrupted.resolve(undefined);
  });
  if (options.file !== undefined) watched.add([options.file]);
  try {
    for (;;) {
      const begun = context.now();
      const code = await runDag(context, project, options, {
        ...control,
        emit: (event) => {
          watched.add(filesOf(event));
          control.emit(event);
        },
      });
      if (interruptedBy !== undefined) return code;
      await watched.settled(begun);
      control.note('Watching: saved files run it again, Ctrl+C ends.');
      const file = await Promise.race([watched.nextSave(), interrupted.promise]);
      if (file === undefined) return interruptedBy ?? code;
      control.note(`${file} was saved.`);
    }
  } finally {
    stopListening();
    await watched.close();
  }
}

function filesOf(event: RunEvent): readonly string[] {
  if (event.event === 'sources') return event.files;
  // A module that could not be imported was never loaded, and is what will be saved next.
  return event.event === 'error' && event.detail?.file !== undefined ? [event.detail.file] : [];
}
