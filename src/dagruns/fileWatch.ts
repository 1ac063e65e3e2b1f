import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FileWatch {
  /** Watches these files, too. */
  add(files: Iterable<string>): void;
  /** Resolves with the first file that was saved since it was last asked for, or since then is. */
  readonly nextSave: () => Promise<string>;
  /**
   * Resolves when every file is really watched: the system is asked for it a little after `add`.
   *
   * @param since what was saved from then on counts as seen now; milliseconds since the epoch.
   */
  readonly settled: (since: number) => Promise<void>;
  close(): Promise<void>;
}

/** Watches single files for saves, whichever way an editor saves them. */
export async function watchFiles(): Promise<FileWatch> {
  const { watch } = await import('chokidar');
  const watcher = watch([], { ignoreInitial: true });
  const files = new Set<string>();
  let saved = Promise.withResolvers<string>();
  watcher.on('all', (_event, file) => saved.resolve(file));
  const isWatched = (file: string): boolean =>
    watcher.getWatched()[path.dirname(file)]?.includes(path.basename(file)) === true;
  return {
    add(more) {
      for (const file of more) {
        files.add(file);
        watcher.add(file);
      }
    },
    async nextSave() {
      const file = await saved.promise;
      await sleep(SETTLE_MS);
      saved = Promise.withResolvers<string>();
      return file;
    },
    async settled(since) {
      const deadline = performance.now() + LONGEST_MS;
      for (const file of files) {
        while (!isWatched(file) && (await modifiedAt(file)) !== undefined && performance.now() < deadline)
          await sleep(STEP_MS);
        if (((await modifiedAt(file)) ?? 0) >= since) saved.resolve(file);
      }
    },
    close: () => watcher.close(),
  };
}

/** Editors write a file several times within one save. */
const SETTLE_MS = 50;
const [LONGEST_MS, STEP_MS] = [5_000, 5];

async function modifiedAt(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.mtimeMs;
}
