import type { Project } from '../config/project.ts';
import { bundles } from '../airflow/airflowEnvironment.ts';
import { importPathForFile } from '../config/importPath.ts';
import path from 'node:path';

/** What a person asked `run-dag` for. */
export interface RunDagOptions {
  /** A file's absolute path, or undefined when a DAG id was given. */
  readonly file?: string | undefined;
  readonly dagId?: string | undefined;
  /** For the file's `__main__` block. */
  readonly arguments: readonly string[];
  readonly conf?: Readonly<Record<string, unknown>> | undefined;
  /** ISO 8601. */
  readonly logicalDate?: string | undefined;
  readonly replace: boolean;
  readonly taskPattern?: string | undefined;
  readonly markSuccessPattern?: string | undefined;
  readonly retries: number;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly debugPort?: number | undefined;
  readonly reportSources: boolean;
  readonly useRunner: boolean;
  /** Nothing of Airflow is replaced. */
  readonly stock: boolean;
}

/** The request as the Python side reads it: `RunRequest` in `airflow_devenv/protocol.py`. */
export function runRequest(
  project: Project,
  options: RunDagOptions,
  surroundings: {
    workingDirectory: string;
    environment: Readonly<Record<string, string>>;
    runsDirectory: string;
    debugSocket?: string | undefined;
  },
): Record<string, unknown> {
  return {
    kind: 'run',
    file: options.file ?? null,
    dag_id: options.dagId ?? null,
    arguments: options.arguments,
    conf: options.conf ?? null,
    logical_date: options.logicalDate ?? null,
    replace: options.replace,
    task_pattern: options.taskPattern ?? null,
    mark_success_pattern: options.markSuccessPattern ?? null,
    retries: options.retries,
    stock: options.stock,
    debug_port: options.debugPort ?? null,
    debug_socket: surroundings.debugSocket ?? null,
    report_sources: options.reportSources,
    working_directory: surroundings.workingDirectory,
    environment: surroundings.environment,
    import_paths: importPaths(project, options.file),
    bundles: bundles(project),
    repositories: project.repositories.map((each) => each.path),
    plugins_folders: project.repositories.flatMap((each) => each.pluginsFolders),
    runs_directory: surroundings.runsDirectory,
    required: project.required,
  };
}

/** The repository of the file first: its modules win over a namesake of another repository, as in production. */
function importPaths(project: Project, file: string | undefined): string[] {
  const owner = project.repositories.filter((each) => file?.startsWith(each.path + path.sep));
  const others = project.repositories.filter((each) => !owner.includes(each));
  const paths = [
    ...owner.flatMap((each) => (file === undefined ? each.pythonPath : importPathForFile(each, file))),
    ...others.flatMap((each) => each.pythonPath),
  ];
  return [...new Set(paths)];
}
