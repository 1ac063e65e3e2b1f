import { DevenvError } from '../errors.ts';

/** Minor versions of Python we like best, best first. */
const PREFERENCE = ['3.12', '3.11', '3.13', '3.10', '3.14', '3.9', '3.8'];

/** Airflow's minor line -> first and last minor of Python 3 it is tested with (its README says so). */
const SUPPORTED: Readonly<Record<string, readonly [number, number]>> = {
  '2.7': [8, 11],
  '2.8': [8, 11],
  '2.9': [8, 12],
  '2.10': [8, 12],
  '2.11': [10, 12],
  '3.0': [9, 12],
  '3.1': [10, 13],
  '3.2': [10, 14],
  '3.3': [10, 14],
  '3.4': [10, 14],
};

/** Minor versions of Python, e.g. `3.12`, that this Airflow runs on, the ones we like best first. */
export function supportedPythons(airflowVersion: string): readonly string[] {
  const range = SUPPORTED[airflowVersion.split('.').slice(0, 2).join('.')];
  if (range === undefined) return PREFERENCE.slice(0, 3);
  return PREFERENCE.filter((minor) => isWithin(minor, range));
}

/**
 * The minor version in what the project asks for: `3.12` for `3.12` and for `3.12.4`.
 *
 * @throws DevenvError `python_version_invalid`, `python_unsupported`.
 */
export function requestedPython(wanted: string, airflowVersion: string): string {
  const minor = /^(3\.\d+)(\.\d+)?$/.exec(wanted)?.[1];
  if (minor === undefined) {
    throw new DevenvError({
      code: 'python_version_invalid',
      what: `"${wanted}" is not a version of Python.`,
      next: ['Write it like "3.12", in quotes: YAML reads 3.10 without them as 3.1'],
      misuse: true,
    });
  }
  const range = SUPPORTED[airflowVersion.split('.').slice(0, 2).join('.')];
  if (range !== undefined && !isWithin(minor, range)) {
    throw new DevenvError({
      code: 'python_unsupported',
      what: `Airflow ${airflowVersion} does not run on Python ${minor}.`,
      why: `It supports Python 3.${range[0]} to 3.${range[1]}.`,
      next: [`Set airflow.python to one of ${supportedPythons(airflowVersion).join(', ')}, or leave it out`],
      misuse: true,
    });
  }
  return minor;
}

function isWithin(minor: string, [first, last]: readonly [number, number]): boolean {
  const number = Number(minor.split('.')[1]);
  return number >= first && number <= last;
}
