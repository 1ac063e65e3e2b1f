import { expect, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import { checkUri } from '../../src/seed/connectionUri.ts';

test.each([
  's3://AKIA:abc%2Fdef%2Bghi@bucket',
  'http://https%3A%2F%2Fapi.example.org/v1?timeout=5',
  'http://user@https%3A%2F%2Fapi.example.org:8443/',
  'postgres://etl:secret%40word@db.example.org:5432/sales',
  'http://us%20er:pa%20ss@ho-st_with_underscore:80/path%20x',
  'http://[::1]:8080/x@y',
  'generic://?__extra__=%7B%7D',
  'aws://',
])('%s is taken', (uri) => {
  expect(() => checkUri(uri, { file: 'c.yaml' })).not.toThrow();
});

test.each([
  ['s3://AKIA:secretpart/def@bucket', 'the host ends before the last @', '%2F'],
  ['postgres://u:p@host:secretpart/db', 'The port in this URI is not a number', '%2F'],
  ['mongo://u:secretpart@h1:27017,h2:27018/db', 'several hosts', 'host:'],
  ['secretpart', 'not a URI', 'conn_type'],
])('%s: what is wrong and what to write, nothing of it quoted', (uri, what, advice) => {
  const error = mistakeOf(uri);
  expect(error.what).toContain(what);
  expect(error.next.join(' ')).toContain(advice);
  expect(JSON.stringify([error.what, error.why, error.next])).not.toContain('secretpart');
});

function mistakeOf(uri: string): DevenvError {
  try {
    checkUri(uri, { file: 'c.yaml' });
  } catch (error) {
    if (error instanceof DevenvError) return error;
  }
  throw new Error(`${uri} was taken`);
}
