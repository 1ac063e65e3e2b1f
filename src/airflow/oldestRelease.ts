import { DevenvError } from '../errors.ts';
import type { EnvironmentRequest } from './environment.ts';

const OLDEST = [2, 7] as const;

/**
 * Before minutes go into an environment that nothing of ours works with.
 *
 * @throws DevenvError `airflow_too_old`, with the place that names the version.
 */
export function refuseOldRelease({ airflowVersion, found }: EnvironmentRequest): void {
  const [major = 0, minor = 0] = airflowVersion.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  const pin = found?.airflow;
  throw new DevenvError({
    code: 'airflow_too_old',
    what: `Airflow ${airflowVersion} is too old: devenv runs ${OLDEST.join('.')} and later.`,
    ...(pin === undefined ? {} : { location: { file: pin.file, line: pin.line } }),
    next: ['Name a later one that the DAGs work with: airflow.version in devenv.yaml'],
    misuse: true,
  });
}
