import type { Key } from 'ink';
import { expect, test } from 'vitest';
import { keyNames } from '../../../src/ui/tui/keyNames.ts';

const NONE = {} as Key;

test.each<[string, Partial<Key>, readonly string[]]>([
  ['a', {}, ['a']],
  ['G', { shift: true }, ['G']],
  ['?', {}, ['?']],
  ['c', { ctrl: true }, ['ctrl+c']],
  ['', { upArrow: true }, ['up']],
  ['', { return: true }, ['enter']],
  ['', { escape: true }, ['escape']],
  ['', { tab: true }, ['tab']],
  ['', { tab: true, shift: true }, ['shift+tab']],
  ['', { backspace: true }, ['backspace']],
  ['jjk', {}, ['j', 'j', 'k']],
  ['ab\r', {}, ['a', 'b', 'enter']],
  ['模é', {}, ['模', 'é']],
  ['x\u0003', {}, ['x', 'ctrl+c']],
  ['3', { meta: true }, []],
  ['a', { eventType: 'release' }, []],
])('%j with %o is %j', (input, key, names) => {
  expect(keyNames(input, { ...NONE, ...key })).toEqual(names);
});
