import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';

export interface RunTarget {
  /** Real path. */
  readonly file?: string;
  readonly dagId?: string;
}

/**
 * Whether a person named a file or a DAG.
 *
 * @throws DevenvError `file_not_found` for what looks like a path and leads nowhere.
 */
export async function readTarget(context: Context, target: string): Promise<RunTarget> {
  const file = path.resolve(context.workingDirectory, target);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return { file: await realpath(file) };
  const looksLikePath = target.endsWith('.py') || target.includes('/') || found !== undefined;
  if (!looksLikePath) return { dagId: target };
  throw new DevenvError({
    code: 'file_not_found',
    what: found === undefined ? `There is no file ${file}.` : `${file} is not a file.`,
    next: [
      'Name a Python file with a DAG: devenv run-dag dags/orders.py',
      'Or the id of a DAG: devenv run-dag orders',
    ],
    misuse: true,
  });
}

/**
 * Refuses a file that nothing says is of Airflow: it belongs to no project or is no Python file by its name, and
 * mentions neither Airflow nor a `__main__` block. To run it would make a database beside it.
 *
 * @throws DevenvError `file_without_dag` (misuse).
 */
export async function checkMayRun(
  file: string | undefined,
  project: Pick<Project, 'configFile' | 'repositories' | 'root'>,
): Promise<void> {
  if (file === undefined || file.endsWith('.zip')) return;
  const isProject =
    project.configFile !== undefined ||
    project.repositories.some(({ dagsFolders }) => dagsFolders.length > 0);
  if (isProject && file.endsWith('.py')) return;
  const text = await readFile(file, 'latin1');
  if (text.startsWith(ZIP) || /airflow|__main__/i.test(text)) return;
  throw new DevenvError({
    code: 'file_without_dag',
    what: `${file} has no DAG, and no \`__main__\` block that could be run.`,
    why: isProject
      ? 'It says nothing of Airflow, and is no Python file by its name.'
      : `It says nothing of Airflow, and ${project.root} is no project: there is no devenv.yaml and no folder of DAGs.`,
    next: ['Name a file with a DAG: devenv run-dag dags/orders.py', 'Or make a project here: devenv init'],
    misuse: true,
  });
}

const ZIP = 'PK\x03\x04';
