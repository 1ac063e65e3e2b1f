import { expect, test } from 'vitest';
import { hostNameFor, nameFromHost } from '../../../src/hdfs/store/hostNames.ts';

const free = (): boolean => false;
const taken = (): boolean => true;

test('nearly all names stay as they are', () => {
  for (const name of ['a', 'part-00000', '_SUCCESS', 'k=v', 'a b', '100%', 'ż', '.hidden', '~', 'a\\b']) {
    expect(hostNameFor(name, true, free)).toBeUndefined();
    expect(nameFromHost(name)).toBe(name);
  }
});

test.each(['\0', 'a\0b', '.hdfs-name=x', '.hdfs-name=%41'])('%j is escaped, and comes back', (name) => {
  const hostName = hostNameFor(name, false, free)!;
  expect(hostName).not.toContain('\0');
  expect(nameFromHost(hostName)).toBe(name);
});

test('our own folder is an own name in the root only', () => {
  expect(nameFromHost(hostNameFor('.namenode', true, free)!)).toBe('.namenode');
  expect(hostNameFor('.namenode', false, free)).toBeUndefined();
});

test('where the host takes two names for one, the second is spelled so that it does not', () => {
  const [upper, lower] = [hostNameFor('DATA', false, taken)!, hostNameFor('data', false, taken)!];
  expect(upper.toLowerCase()).not.toBe(lower.toLowerCase());
  expect(nameFromHost(upper)).toBe('DATA');
  const [composed, decomposed] = [
    hostNameFor('\u017c', false, taken)!,
    hostNameFor('z\u0307', false, taken)!,
  ];
  expect(composed).not.toBe(decomposed);
  expect(nameFromHost(decomposed)).toBe('z\u0307');
});

test('a name that is too long when it is escaped is cut, and stays apart from others', () => {
  const [one, other] = [
    hostNameFor(`${'Ż'.repeat(127)}1`, false, taken)!,
    hostNameFor(`${'Ż'.repeat(127)}2`, false, taken)!,
  ];
  expect(Buffer.byteLength(one)).toBeLessThanOrEqual(255);
  expect(one).not.toBe(other);
});
