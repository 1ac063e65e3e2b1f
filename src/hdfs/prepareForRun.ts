import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { answeringServer } from './daemon/ensureHdfs.ts';
import { isPrepared } from './preparedStamp.ts';
import { isNeverSeeded } from './seed/seedMemory.ts';

/**
 * Before a run outside a stack: the project's HDFS runs and holds what `hdfs.seed` says, once. Later seeding is
 * `devenv up`'s. A warm run pays for a connection and the reading of two small files.
 *
 * @throws DevenvError what `prepareHdfs` and `seedHdfs` throw.
 */
export async function prepareForRun(context: Context, project: Project): Promise<void> {
  if (project.hdfs === undefined) return;
  const server = await answeringServer(project.stateDirectory);
  if (server === undefined || !(await isPrepared(context, project, server))) {
    const { prepareHdfs } = await import('./openHdfs.ts');
    await prepareHdfs(context, project);
  }
  if (project.hdfs.seed.length === 0 || !(await isNeverSeeded(project.stateDirectory))) return;
  const { seedHdfs } = await import('./seed/seedHdfs.ts');
  await seedHdfs(context, project);
}
