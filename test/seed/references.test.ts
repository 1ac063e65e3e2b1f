import { expect, test } from 'vitest';
import { commandWords, literalText, referenceOf, templateParts } from '../../src/seed/references.ts';

test.each([
  ['file:key.pem', { kind: 'file', path: 'key.pem' }],
  ['file: ~/key.pem', { kind: 'file', path: '~/key.pem' }],
  ['exec:cat "a b"', { kind: 'exec', command: 'cat "a b"' }],
  ['op://vault/item/field', { kind: 'tool', tool: 'op', target: 'op://vault/item/field' }],
  ['vault:secret/app#key', { kind: 'tool', tool: 'vault', target: 'secret/app#key' }],
  ['aws:arn:aws:secretsmanager:x', { kind: 'tool', tool: 'aws', target: 'arn:aws:secretsmanager:x' }],
])('%s is a reference', (text, reference) => {
  expect(referenceOf(text)).toEqual(reference);
});

test.each([
  '',
  'file://host/path',
  'file:',
  'profile:x',
  'a file:x',
  'postgres://h',
  'http://h',
  'execute:x',
])('%j is a text', (text) => {
  expect(referenceOf(text)).toBeUndefined();
});

test('literal: takes the meaning away', () => {
  expect(literalText('literal:file:x')).toBe('file:x');
  expect(literalText('file:x')).toBeUndefined();
});

test('names are found in texts, with defaults and messages', () => {
  expect(templateParts('a${B}c${D:-e-${x}f')).toEqual([
    'a',
    { name: 'B' },
    'c',
    { name: 'D', fallback: 'e-${x' },
    'f',
  ]);
  expect(templateParts('${A:?where to get it}')).toEqual([{ name: 'A', message: 'where to get it' }]);
  expect(templateParts(String.raw`${'${A:-{\\}}'}`)).toEqual([{ name: 'A', fallback: '{}' }]);
});

test.each([
  ['$${A}', ['${', 'A}']],
  ['$A {{ x }} ${1} ${ A } $', ['$A {{ x }} ${1} ${ A } $']],
])('%s has no name', (text, parts) => {
  expect(templateParts(text)).toEqual(parts);
});

test.each([
  ['a  b', ['a', 'b']],
  [`a "b c" 'd "e"' f\\ g ""`, ['a', 'b c', 'd "e"', 'f g', '']],
  ['echo $HOME; rm -rf *', ['echo', '$HOME;', 'rm', '-rf', '*']],
  ['a "b', undefined],
])('%s is words without a shell', (line, words) => {
  expect(commandWords(line)).toEqual(words);
});
