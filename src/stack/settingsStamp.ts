import { createHash } from 'node:crypto';
import type { Project } from '../config/project.ts';
import { runnerSocket } from '../dagruns/runner.ts';
import type { ProjectSpec } from '../dagruns/runnerSpec.ts';

/**
 * Equal for two starts that would make the same stack: of the project, Airflow's settings, the environment and our
 * own Python code. What else the shell holds does not count.
 */
export function settingsStamp(project: Project, spec: ProjectSpec): string {
  const everything = [project, runnerSocket(spec)];
  return createHash('sha256').update(JSON.stringify(everything)).digest('hex').slice(0, 12);
}
