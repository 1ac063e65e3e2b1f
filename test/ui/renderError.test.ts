import { expect, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import { renderError, renderErrorEvent, renderErrorJson, type ErrorEvent } from '../../src/ui/renderError.ts';
import { readRecording } from './support/recording.ts';

const MISTAKE = new DevenvError({
  code: 'config_unknown_key',
  what: '`databse` is not a key of devenv.yaml.',
  why: 'Allowed are airflow, database and repositories.',
  next: ['Did you mean database?', 'devenv init writes\na commented file.'],
  location: { file: '/project/devenv.yaml', line: 3, column: 1 },
  misuse: true,
});

test('an error says where, what, why and what to do, in this order', () => {
  expect(renderError(MISTAKE, { color: false })).toMatchInlineSnapshot(`
    "/project/devenv.yaml:3:1: error: \`databse\` is not a key of devenv.yaml.
      Allowed are airflow, database and repositories.
      → Did you mean database?
      → devenv init writes
        a commented file."
  `);
});

test('an error without anything else is one line', () => {
  expect(renderError(new DevenvError({ code: 'x', what: 'It broke.' }), { color: false })).toBe(
    'error: It broke.',
  );
});

test('an error as JSON is one flat line of the contract', () => {
  expect(JSON.parse(renderErrorJson(MISTAKE))).toEqual({
    v: 1,
    event: 'error',
    code: 'config_unknown_key',
    what: MISTAKE.what,
    why: MISTAKE.why,
    next: MISTAKE.next,
    misuse: true,
    file: '/project/devenv.yaml',
    line: 3,
    column: 1,
  });
});

test("an error of a DAG run shows the author's traceback and ends with what to do", () => {
  const event = readRecording('import-error').find(({ event: name }) => name === 'error') as ErrorEvent;
  expect(renderErrorEvent(event, { color: false })).toMatchInlineSnapshot(`
    "error: /project/dags/broken.py:1 can't be imported.
      ModuleNotFoundError: No module named 'nothing_like_this'
        File "/project/dags/broken.py", line 1, in <module>
          import nothing_like_this
      → If nothing_like_this comes from PyPI, name it in a requirements file and that under \`airflow.requirements\`.
      → If it is code of yours, name its folder under \`pythonpath:\` of the repository in devenv.yaml."
  `);
});
