import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { prepareHdfs } from './openHdfs.ts';
import { isNeverSeeded, seedHdfs } from './seed/seedHdfs.ts';

/**
 * Before a run outside a stack: the project's HDFS runs and holds what `hdfs.seed` says, once. Later seeding is
 * `devenv up`'s.
 *
 * @throws DevenvError what `prepareHdfs` and `seedHdfs` throw.
 */
export async function prepareForRun(context: Context, project: Project): Promise<void> {
  if (project.hdfs === undefined) return;
  await prepareHdfs(context, project);
  const { seed } = project.hdfs;
  if (seed.length > 0 && (await isNeverSeeded(project.stateDirectory))) await seedHdfs(context, project);
}
