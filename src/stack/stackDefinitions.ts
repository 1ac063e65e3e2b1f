import type { Project } from '../config/project.ts';
import { airflowStack } from '../services/airflowServices.ts';
import type { ServiceDefinition } from '../services/service.ts';
import { unknownService } from './plan.ts';

/** The services of a project's stack. */
export function stackDefinitions(
  project: Pick<Project, 'database' | 'airflow' | 'hdfs' | 'kubernetes'>,
  forks: boolean,
): readonly ServiceDefinition[] {
  return airflowStack({
    database: project.database,
    airflowVersion: project.airflow.version,
    forks,
    hdfs: project.hdfs !== undefined,
    kubernetes: project.kubernetes !== undefined,
  });
}

/** @throws DevenvError `service_unknown` (misuse). */
export function assertServices(definitions: readonly ServiceDefinition[], services: readonly string[]): void {
  const known = definitions.map((each) => each.name);
  const unknown = services.find((each) => !known.includes(each));
  if (unknown !== undefined) throw unknownService(unknown, known);
}
