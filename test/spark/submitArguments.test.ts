import { expect, test } from 'vitest';
import { parseSubmitArguments } from '../../src/spark/submitArguments.ts';

test('the first word that is no option is the job, and all behind it is the job’s', () => {
  const parsed = parseSubmitArguments('spark-submit', [
    '--master',
    'yarn',
    '--deploy-mode=cluster',
    '-v',
    'job.py',
    '--master',
    'mine',
  ]);
  expect(parsed.options).toEqual(
    new Map([
      ['--master', 'yarn'],
      ['--deploy-mode', 'cluster'],
    ]),
  );
  expect([...parsed.flags]).toEqual(['--verbose']);
  expect(parsed.application).toBe('job.py');
  expect(parsed.applicationArguments).toEqual(['--master', 'mine']);
});

test('settings may be attached, and may hold equal signs; the last one wins', () => {
  const words = ['--conf', 'spark.a=1=2', '--conf=spark.b=3', '-c', 'spark.a=4', 'x.py'];
  expect([...parseSubmitArguments('spark-submit', words).conf]).toEqual([
    ['spark.b', '3'],
    ['spark.a', '4'],
  ]);
});

test('what Spark would complain about is said in its words', () => {
  expect(parseSubmitArguments('spark-submit', ['--bogus', 'x']).mistake).toBe('Unrecognized option: --bogus');
  expect(parseSubmitArguments('spark-submit', ['--name']).mistake).toBe(
    "Missing argument for option '--name'.",
  );
  expect(parseSubmitArguments('spark-submit', ['--conf', 'x', 'y.py']).mistake).toBe(
    "Spark config without '=': x",
  );
});

test('spark-sql takes its own words anywhere', () => {
  const words = [
    '--conf',
    'spark.a=1',
    '-e',
    'select 1',
    '--master',
    'yarn',
    '--verbose',
    '--queue',
    'default',
  ];
  const parsed = parseSubmitArguments('spark-sql', words);
  expect(parsed.applicationArguments).toEqual(['-e', 'select 1']);
  expect(parsed.options.get('--queue')).toBe('default');
  expect(parsed.mistake).toBeUndefined();
});
