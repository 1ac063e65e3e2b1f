import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { findConfigFile } from '../config/findRoot.ts';
import { isInside } from '../config/folders.ts';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';

type Surroundings = Pick<Context, 'env' | 'workingDirectory'>;

/**
 * The project that a file is run in: the one of the nearest `devenv.yaml` between the file and the working
 * directory, else the working directory's if the file belongs to it, else the file's own. Without a file it is
 * the working directory's.
 *
 * @param target.file real path.
 * @throws DevenvError `config_*` (misuse).
 */
export async function targetProject(
  context: Surroundings,
  target: { readonly file?: string | undefined; readonly configFile?: string | undefined },
): Promise<Project> {
  const { file, configFile } = target;
  if (file === undefined || configFile !== undefined) return loadProject(context, { configFile });
  const folder = path.dirname(file);
  if (isInside(file, await realpath(context.workingDirectory))) {
    const nearest = await findConfigFile(folder);
    if (nearest !== undefined) return loadProject(context, { configFile: nearest });
  }
  const project = await loadProject(context);
  if (holds(project, file)) return project;
  return loadProject({ ...context, workingDirectory: folder });
}

/** A folder without DAGs of its own around the file, a home directory say, is not its project. */
function holds(project: Project, file: string): boolean {
  return project.repositories.some(
    (each) =>
      each.dagsFolders.length > 0 && [each.path, ...each.dagsFolders].some((one) => isInside(file, one)),
  );
}
