import { expect, test } from 'vitest';
import { formatProperties, parseProperties } from '../../src/spark/propertiesFile.ts';

test('reads what Java and spark-defaults.conf allow', () => {
  const text = [
    '# comment',
    '! another',
    'spark.master            yarn',
    'spark.a=1',
    'spark.b : 2',
    'spark.long one \\',
    '    two',
    String.raw`spark.path C:\\x\tz`,
    'spark.empty',
    '',
  ].join('\n');
  expect(Object.fromEntries(parseProperties(text))).toEqual({
    'spark.master': 'yarn',
    'spark.a': '1',
    'spark.b': '2',
    'spark.long': 'one two',
    'spark.path': 'C:\\x\tz',
    'spark.empty': '',
  });
});

test('what is written is read again', () => {
  const settings = new Map([
    ['spark.a b', 'x=y'],
    ['spark.lines', 'one\ntwo\\three'],
    ['spark.url', 'jdbc:derby:;databaseName=/a b/c;create=true'],
    ['spark.accents', 'żółw'],
  ]);
  expect(parseProperties(formatProperties(settings))).toEqual(settings);
});
