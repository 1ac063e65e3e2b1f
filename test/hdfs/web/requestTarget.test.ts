import { expect, test } from 'vitest';
import { readRequestTarget } from '../../../src/hdfs/web/requestTarget.ts';

test.each([
  ['/webhdfs/v1', '/'],
  ['/webhdfs/v1/', '/'],
  ['/webhdfs/v1/a/b?op=OPEN', '/a/b'],
  ['http://host:9870/webhdfs/v1/a?op=OPEN', '/a'],
  ['/webhdfs/v1/a+b', '/a+b'],
  ['/webhdfs/v1/a%2Bb%20c', '/a+b c'],
  ['/webhdfs/v1/p%25q%2', '/p%q%2'],
  ['/webhdfs/v1/k=v;x', '/k=v;x'],
  ['/webhdfs/v1/%C5%BC', '/ż'],
  // The same, not encoded, as Hadoop's clients send it.
  [Buffer.from('/webhdfs/v1/ż').toString('latin1'), '/ż'],
  ['/webhdfs/v1/%FF', '/\uFFFD'],
])('the path of %j is %j', (target, path) => {
  expect(readRequestTarget(target)?.path).toBe(path);
});

test('in values a plus is a space, and the case of names does not matter', () => {
  const { parameters } = readRequestTarget(
    '/webhdfs/v1/?OP=RENAME&destination=/k%3Da+b%2B&a=1&a=2&empty=&bare',
  )!;
  expect(Object.fromEntries(parameters)).toEqual({
    op: ['RENAME'],
    destination: ['/k=a b+'],
    a: ['1', '2'],
    empty: [''],
    bare: [''],
  });
});

test('what comes back in an address is ASCII', () => {
  const target = readRequestTarget(Buffer.from('/webhdfs/v1/ż b?op=OPEN&user.name=ż').toString('latin1'))!;
  expect([target.encodedPath, target.encodedQuery]).toEqual([
    '/webhdfs/v1/%C5%BC%20b',
    'op=OPEN&user.name=%C5%BC',
  ]);
});

test.each(['/', '/jmx', '/webhdfs/v10/x', '/webhdfs/v1x', '*'])('%j is none of ours', (target) => {
  expect(readRequestTarget(target)).toBeUndefined();
});
