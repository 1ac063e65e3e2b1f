import { expect, test } from 'vitest';
import { requestedPython, supportedPythons } from '../../src/airflow/pythonVersions.ts';

test('an Airflow line has the Pythons it supports, the preferred first', () => {
  expect(supportedPythons('3.3.2')).toEqual(['3.12', '3.11', '3.13', '3.10', '3.14']);
  expect(supportedPythons('2.11.2')).toEqual(['3.12', '3.11', '3.10']);
  expect(supportedPythons('9.9.9')).toContain('3.12');
});

test('a minor version or a full one may be asked for', () => {
  expect(requestedPython('3.11', '3.3.2')).toBe('3.11');
  expect(requestedPython('3.12.4', '3.3.2')).toBe('3.12');
});

test('a Python that Airflow does not support is refused with those it does', () => {
  expect(() => requestedPython('3.13', '2.11.2')).toThrow(
    expect.objectContaining({
      code: 'python_unsupported',
      misuse: true,
      why: 'It supports Python 3.10 to 3.12.',
    }),
  );
});

test('what is no version is refused', () => {
  expect(() => requestedPython('3', '3.3.2')).toThrow(
    expect.objectContaining({ code: 'python_version_invalid' }),
  );
  expect(() => requestedPython('python3.12', '3.3.2')).toThrow();
});
