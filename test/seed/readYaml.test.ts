import { expect, test } from 'vitest';
import { nodeJson } from '../../src/seed/nodeJson.ts';
import { parseSource } from '../../src/seed/seedSources.ts';
import { readEnvFile } from '../../src/seed/readEnvFile.ts';
import { readYaml } from '../../src/seed/readYaml.ts';

function json(text: string, file = 'a.yaml'): string {
  const { root, errors } = readYaml(file, text);
  expect(errors).toEqual([]);
  return root === undefined ? '' : nodeJson(root);
}

function mistakes(text: string): string[] {
  try {
    return readYaml('a.yaml', text).errors.map(
      ({ code, location }) => `${location?.line}:${location?.column} ${code}`,
    );
  } catch (error) {
    const { code, location } = error as { code: string; location?: { line?: number; column?: number } };
    return [`${location?.line}:${location?.column} ${code} thrown`];
  }
}

test.each([
  ['1', '1'],
  ['1.0', '1.0'],
  ['1e3', '1e3'],
  ['.5', '0.5'],
  ['+7', '7'],
  ['0x1F', '31'],
  ['12345678901234567890', '12345678901234567890'],
  ['007', '7'],
  ['"007"', '"007"'],
  ['yes', '"yes"'],
  ['true', 'true'],
  ['~', 'null'],
  ['', ''],
  ['2026-01-31', '"2026-01-31"'],
  ['[a, {b: [1, null]}]', '["a",{"b":[1,null]}]'],
  ['{1: a, true: b, null: c}', '{"1":"a","true":"b","null":"c"}'],
  ['{__proto__: 1, constructor: 2}', '{"__proto__":1,"constructor":2}'],
  ['a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}', '{"a":{"k":1,"l":2},"b":{"l":3,"k":1}}'],
  ['a: |\n  one\n  two\n', '{"a":"one\\ntwo\\n"}'],
])('%j means %s', (text, meant) => {
  expect(json(text)).toBe(meant);
});

test('JSON with tabs is read, and its texts keep their escapes', () => {
  expect(json('{\n\t"a":\t["\\ud83d\\ude80", "\\t"]\n}', 'a.json')).toBe('{"a":["🚀","\\t"]}');
});

test.each([
  ['a: "open\nb: 1\n', ['1:4 seed_syntax']],
  ['a: 1\na: 2\n', ['2:1 seed_duplicate_key']],
  ['v:\n  x: .nan\n', ['2:6 seed_wrong_value']],
  ['? [a]\n: b\n', ['1:3 seed_wrong_value']],
  ['a: *nowhere\n', ['1:4 seed_syntax']],
  ['a: &x [*x]\n', ['1:8 seed_syntax']],
])('%j is a mistake with its place', (text, found) => {
  expect(mistakes(text)).toEqual(found);
});

test('what stands in a file is never part of a message', () => {
  const { errors } = readYaml('a.yaml', 'password: hunter2: x\n');
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.map(({ message }) => message).join()).not.toContain('hunter2');
});

test('.env files: quotes, comments, several lines', () => {
  const text = [
    '# comment',
    'A=1 # behind',
    'export B="two\\nlines # no comment"',
    "C='${NOT}\nnext'",
    'D=',
    '  E = x',
    'F="a\\"b"',
  ].join('\n');
  const { root, errors } = readEnvFile('.env', text);
  expect(errors).toEqual([]);
  expect(root === undefined ? '' : JSON.parse(nodeJson(root))).toEqual({
    A: '1',
    B: 'two\nlines # no comment',
    C: '${NOT}\nnext',
    D: '',
    E: 'x',
    F: 'a"b',
  });
});

test('.env files: mistakes', () => {
  const { errors } = readEnvFile('.env', 'A=1\nno assignment\nA=2\nB="open\n');
  expect(errors.map(({ code, location }) => `${location?.line} ${code}`).toSorted()).toEqual([
    '2 seed_syntax',
    '3 seed_duplicate_key',
    '4 seed_syntax',
  ]);
});

test.each(['a: .nan', 'a: [1, .inf]', 'a: {b: {[x]: 1, c: 2}}', 'a: {value: .nan, description: d}'])(
  '%s: what is refused while it is read is not stored as something else',
  (line) => {
    const { items, errors } = parseSource('seed.yaml', `variables:\n  ${line}\n  fine: 1\n`);
    expect(items.map(({ name }) => name)).toEqual(['fine']);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.location?.line).toBe(2);
  },
);
