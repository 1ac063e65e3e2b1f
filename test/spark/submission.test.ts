import { expect, test } from 'vitest';
import { parseSubmitArguments } from '../../src/spark/submitArguments.ts';
import { readSubmission } from '../../src/spark/submission.ts';

const defaults = new Map([
  ['spark.master', 'yarn'],
  ['spark.a', 'defaults'],
]);

test('an option wins over --conf, --conf over the properties file', () => {
  const parsed = parseSubmitArguments('spark-submit', [
    ...['--name', 'option', '--conf', 'spark.app.name=conf', '--conf', 'spark.b=conf', 'x.py'],
  ]);
  const properties = new Map([
    ['spark.b', 'file'],
    ['spark.c', 'file'],
    ['spark.app.name', 'file'],
  ]);
  const { settings } = readSubmission(parsed, { properties, defaults });
  expect(Object.fromEntries(settings)).toEqual({
    'spark.app.name': 'option',
    'spark.b': 'conf',
    'spark.c': 'file',
  });
});

test('a properties file takes the place of spark-defaults.conf unless both are asked for', () => {
  const properties = new Map([['spark.c', 'file']]);
  const alone = readSubmission(parseSubmitArguments('spark-submit', ['x.py']), { properties, defaults });
  expect(alone.master).toBe('local[*]');
  const both = parseSubmitArguments('spark-submit', ['--load-spark-defaults', 'x.py']);
  expect(readSubmission(both, { properties, defaults }).master).toBe('yarn');
});

test.each([
  [['--master', 'yarn-cluster'], 'yarn', 'cluster'],
  [['--master', 'yarn', '--conf', 'spark.submit.deployMode=cluster'], 'yarn', 'cluster'],
  [['--master', 'yarn'], 'yarn', 'client'],
  [['--master', 'local[2]'], 'local[2]', 'client'],
  [[], 'local[*]', 'client'],
] as const)('%j is master %s in %s mode', (words, master, deployMode) => {
  const parsed = parseSubmitArguments('spark-submit', [...words, 'x.py']);
  const none = new Map<string, string>();
  expect(readSubmission(parsed, { properties: undefined, defaults: none })).toMatchObject({
    master,
    deployMode,
  });
});
