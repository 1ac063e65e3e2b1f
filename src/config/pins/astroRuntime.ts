import type { Pin } from './pin.ts';

/**
 * What an image of Astro Runtime brings: `astro-runtime:10.3.0`, `astro-runtime:11.8.0-python-3.12-base`,
 * `astrocrpublic.azurecr.io/runtime:3.1-2`.
 */
export function astroRuntimeOf(line: string, index: number): Pin[] {
  const match =
    /^\s*FROM\s.*(?:astro-runtime|astronomer\/runtime|\/runtime):(\d+)\.(\d+)\S*?(?:-python-?(3\.\d+))?(?:-base)?\s*(?:AS\s.*)?$/i.exec(
      line,
    );
  if (match === null) return [];
  const [, major = '', minor = '', python] = match;
  const release = RELEASES[major] ?? RELEASES[`${major}.${minor}`];
  if (release === undefined) return [];
  const airflow = release.airflow.findLast(([from]) => Number(minor) >= from)?.[1];
  return airflow === undefined ? [] : [{ airflow, python: python ?? release.python, line: index + 1 }];
}

interface Release {
  /** The Python of images that name none; undefined where we don't know it. */
  readonly python?: string;
  /** From this minor version on: this Airflow. */
  readonly airflow: readonly (readonly [number, string])[];
}

/** From Astronomer's release notes; since 3.0 the tag names Airflow's minor version instead of a major of its own. */
const RELEASES: Readonly<Record<string, Release>> = {
  '8': {
    python: '3.10',
    airflow: [
      [0, '2.6.0'],
      [2, '2.6.1'],
      [5, '2.6.2'],
      [7, '2.6.3'],
    ],
  },
  '9': {
    python: '3.11',
    airflow: [
      [0, '2.7.0'],
      [1, '2.7.1'],
      [2, '2.7.2'],
      [5, '2.7.3'],
    ],
  },
  '10': {
    python: '3.11',
    airflow: [
      [0, '2.8.0'],
      [2, '2.8.1'],
      [4, '2.8.2'],
      [5, '2.8.3'],
      [6, '2.8.4'],
    ],
  },
  '11': {
    python: '3.11',
    airflow: [
      [0, '2.9.0'],
      [3, '2.9.1'],
      [5, '2.9.2'],
      [7, '2.9.3'],
    ],
  },
  '12': { airflow: [[0, '2.10.5']] },
  '13': { airflow: [[0, '2.11.2']] },
  '3.0': { airflow: [[0, '3.0.6']] },
  '3.1': { airflow: [[0, '3.1.8']] },
  '3.2': { airflow: [[0, '3.2.2']] },
  '3.3': { airflow: [[0, '3.3.2']] },
};
