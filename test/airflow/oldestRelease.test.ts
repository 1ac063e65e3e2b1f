import { expect, test } from 'vitest';
import { refuseOldRelease } from '../../src/airflow/oldestRelease.ts';

const request = (airflowVersion: string) => ({
  airflowVersion,
  requirements: [],
  found: { airflow: { version: airflowVersion, file: '/repo/Makefile', line: 5 } },
});

test.each(['1.10.15', '2.2.1', '2.6.3'])('Airflow %s is refused where it is pinned', (version) => {
  expect(() => refuseOldRelease(request(version))).toThrow(
    expect.objectContaining({
      code: 'airflow_too_old',
      location: { file: '/repo/Makefile', line: 5 },
      misuse: true,
    }) as Error,
  );
});

test.each(['2.7.0', '2.11.2', '3.0.6', '4.0.0'])('Airflow %s is not', (version) => {
  expect(() => refuseOldRelease(request(version))).not.toThrow();
});
