import type { HdfsSettings, Project } from '../config/project.ts';

/** What is needed of a project here; `hdfs` is undefined for one that asks for none. */
export type HdfsProject = Pick<Project, 'root' | 'stateDirectory'> & {
  readonly configFile?: string | undefined;
  readonly hdfs?: HdfsSettings;
};
