import path from 'node:path';
import type { Context } from '../context.ts';
import { withFileLock } from '../platform/fileLock.ts';
import type { DatabaseProject } from './database.ts';

/** One process at a time starts, stops, makes or migrates the databases of a project. */
export function withDatabaseLock<T>(
  context: Context,
  project: DatabaseProject,
  work: () => Promise<T>,
): Promise<T> {
  return withAnnouncedLock(context, path.join(project.stateDirectory, project.database, 'lock'), work);
}

/** A file lock that says so when another devenv holds it. */
export function withAnnouncedLock<T>(context: Context, file: string, work: () => Promise<T>): Promise<T> {
  const onWait = ({ pid }: { pid: number }): void => {
    context.emit({
      type: 'message',
      level: 'info',
      text: `Waiting for another devenv (process ${pid}), which prepares the database.`,
    });
  };
  return withFileLock(file, { signal: context.signal, onWait }, work);
}
