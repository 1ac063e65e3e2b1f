import path from 'node:path';
import { layoutWords } from './describeLayout.ts';
import type { Project, Repository } from './project.ts';

/**
 * A `devenv.yaml` that says what was found by looking, with the other keys as comments. It configures the same
 * project as no file would.
 *
 * @param options.pinned whether the repository names its version of Airflow.
 * @param options.schema path of the JSON schema for editors, relative to the file.
 */
export function starterConfig(
  project: Project,
  options: { readonly pinned: boolean; readonly schema: string | undefined },
): string {
  const { airflow, root } = project;
  const requirements = airflow.requirements.map((each) => scalar(path.relative(root, each)));
  return [
    ...(options.schema === undefined ? [] : [`# yaml-language-server: $schema=${options.schema}`]),
    '# Configuration of airflow-devenv. Every key is optional: without one devenv looks around.',
    '',
    'airflow:',
    `  version: ${airflow.version} # ${whence(project, options.pinned)}`,
    `  ${airflow.python === undefined ? '# python: "3.12"' : `python: "${airflow.python}"`}`,
    requirements.length === 0
      ? '  # requirements: [requirements.txt]'
      : `  requirements: [${requirements.join(', ')}]`,
    "  # Airflow's own configuration, and environment variables of everything that runs Airflow:",
    '  # config: { core.parallelism: 4 }',
    '  # env: { AIRFLOW_VAR_REGION: eu-central-1 }',
    '',
    '# Repositories to mount together; paths count from this file.',
    'repositories:',
    ...project.repositories.flatMap((each) => repositoryLines(each, root)),
    '',
    'database: postgres # or sqlite',
    '',
  ].join('\n');
}

function whence({ airflow }: Project, pinned: boolean): string {
  if (pinned) return 'as the repository pins it';
  return airflow.found?.airflow?.isGuess === true
    ? 'the newest that the DAG files can be imported on'
    : 'the newest that devenv knows';
}

function repositoryLines(repository: Repository, root: string): string[] {
  const inside = (folders: readonly string[]): string =>
    `[${folders.map((each) => scalar(path.relative(repository.path, each) || '.')).join(', ')}]`;
  return [
    `  - path: ${scalar(path.relative(root, repository.path) || '.')} # ${layoutWords(repository.layout)}`,
    // Written down, a folder made later would not be found.
    `    # dags: ${inside(repository.dagsFolders)}`,
    `    # plugins: ${inside(repository.pluginsFolders)}`,
    '    # pythonpath: [src]',
  ];
}

/** Plain where YAML reads it as the same text. */
function scalar(text: string): string {
  return /^[\p{L}\p{N}_./-]+$/u.test(text) &&
    !/^[-\d.]*$/.test(text.replace(/^\.$/, 'x')) &&
    !/^(?:true|false|null|yes|no|on|off|~)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
