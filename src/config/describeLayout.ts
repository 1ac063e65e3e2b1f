import path from 'node:path';
import type { LayoutKind, Project, Repository } from './project.ts';

const WORDS: Record<LayoutKind, string> = {
  'plain': 'dags/',
  'plugins-shared': 'dags/ with plugins/ and shared/',
  'instances': '<instance>/dags',
  'multi-project': 'dags/ beside projects',
  'astro': 'Astro project',
  'none': 'no dags/ folder',
};

export function layoutWords(kind: LayoutKind): string {
  return WORDS[kind];
}

/** What was found, a line for each thing a person may want to check; paths relative to the project's root. */
export function describeLayout(project: Project): string[] {
  const show = (folder: string) => path.relative(project.root, folder) || '.';
  return [
    `Project ${project.root} (${project.configFile === undefined ? 'found by looking' : show(project.configFile)})`,
    `Airflow ${project.airflow.version}, ${project.database}`,
    ...project.repositories.flatMap((repository) => describeRepository(repository, show)),
  ];
}

function describeRepository(repository: Repository, show: (folder: string) => string): string[] {
  const { name, layout, dagsFolders, pluginsFolders, pythonPath } = repository;
  const line = (label: string, folders: readonly string[]) =>
    folders.length === 0 ? [] : [`  ${label.padEnd(8)}${folders.map(show).join(', ')}`];
  return [
    `Repository ${name}: ${WORDS[layout]}`,
    ...line('DAGs', dagsFolders),
    ...line('plugins', pluginsFolders),
    ...line('imports', pythonPath),
  ];
}
