import { expect, test } from 'vitest';
import { mavenAddresses, parseCoordinates } from '../../src/artifacts/mavenCoordinates.ts';

test.each([
  [
    'org.apache.spark:spark-avro_2.12:3.5.5',
    'org/apache/spark/spark-avro_2.12/3.5.5/spark-avro_2.12-3.5.5.jar',
  ],
  ['maven:g:a:tgz:1.0', 'g/a/1.0/a-1.0.tgz'],
  ['g:a:jar:shaded:1.0', 'g/a/1.0/a-1.0-shaded.jar'],
])('%s is at %s', (text, address) => {
  const coordinates = parseCoordinates(text);
  expect(coordinates && mavenAddresses(coordinates, ['https://a.example/x/', 'https://b.example'])).toEqual([
    `https://a.example/x/${address}`,
    `https://b.example/${address}`,
  ]);
});

test.each(['a:b', 'a:b:c:d:e:f', '../x:b:1', 'a b:c:1'])('%s are no coordinates', (text) => {
  expect(parseCoordinates(text)).toBeUndefined();
});
