import path from 'node:path';
import type { FoundVersion } from '../config/pins/findPins.ts';
import type { Context } from '../context.ts';
import type { EnvironmentRequest } from './environment.ts';

/**
 * Where the versions come from that `devenv.yaml` leaves open, in a sentence; undefined when nothing was found.
 *
 * @param minor of the Python that is used.
 */
export function describeFound(
  context: Pick<Context, 'workingDirectory'>,
  { airflowVersion, found, projectLock }: EnvironmentRequest,
  minor: string,
): string | undefined {
  const place = ({ file, line }: FoundVersion) => `${path.relative(context.workingDirectory, file)}:${line}`;
  const parts: string[] = [];
  if (found?.airflow !== undefined) {
    const why = found.airflow.isGuess === true ? 'because later ones do not have what is in' : 'as pinned in';
    parts.push(`Airflow ${airflowVersion} ${why} ${place(found.airflow)}`);
  }
  if (found?.python !== undefined) {
    const { version } = found.python;
    parts.push(
      version === minor
        ? `Python ${minor} as in ${place(found.python)}`
        : `Python ${minor}, because the ${version} in ${place(found.python)} is not on this machine or not for this Airflow`,
    );
  }
  if (projectLock !== undefined)
    parts.push(`packages as locked in ${path.relative(context.workingDirectory, projectLock)}`);
  return parts.length === 0 ? undefined : parts.join('; ');
}
