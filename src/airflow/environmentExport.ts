import type { Environment } from './environment.ts';
import type { InstalledPackage } from './installedPackages.ts';
import { withoutPasswords } from './passwords.ts';

export type ExportFormat = 'requirements' | 'constraints' | 'dockerfile';

/** What an environment holds, for production: as requirements, as constraints, or as lines of a Dockerfile. */
export function exportLines(
  { airflowVersion, pythonVersion }: Pick<Environment, 'airflowVersion' | 'pythonVersion'>,
  packages: readonly InstalledPackage[],
  format: ExportFormat,
): readonly string[] {
  const minor = pythonVersion.split('.').slice(0, 2).join('.');
  const pins = packages.map(({ name, version, origin }) =>
    origin === undefined ? `${name}==${version}` : `${name} @ ${withoutPasswords(origin)}`,
  );
  if (format === 'constraints') return pins.filter((line) => !line.includes(' @ '));
  if (format === 'requirements') return [`# Airflow ${airflowVersion} on Python ${minor}`, ...pins];
  return [
    `FROM apache/airflow:${airflowVersion}-python${minor}`,
    'COPY requirements.txt /requirements.txt',
    '# requirements.txt is what `devenv env export requirements` prints.',
    'RUN pip install --no-cache-dir --no-deps -r /requirements.txt',
  ];
}
