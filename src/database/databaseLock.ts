import path from 'node:path';
import type { Context } from '../context.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import type { DatabaseProject } from './databaseProject.ts';

/** One process at a time starts, stops, makes or migrates the databases of a project. */
export function withDatabaseLock<T>(
  context: Context,
  project: DatabaseProject,
  work: () => Promise<T>,
): Promise<T> {
  const file = path.join(project.stateDirectory, project.database, 'lock');
  return withAnnouncedLock(context, file, PREPARING, work);
}

/** Templates in the cache, and binaries. */
export function withTemplateLock<T>(context: Context, file: string, work: () => Promise<T>): Promise<T> {
  return withAnnouncedLock(context, file, PREPARING, work);
}

const PREPARING = 'another devenv that prepares the database';
