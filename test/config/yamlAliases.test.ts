import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { resolveAliases } from '../../src/config/yamlAliases.ts';
import { readYaml } from '../../src/seed/readYaml.ts';

/** Each level has the one below ten times. */
function multiplying(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const below = Array.from({ length: 10 }, () => `*a${level}`).join(', ');
    return `a${level + 1}: &a${level + 1} [${below}]`;
  });
  return ['a0: &a0 [x]', ...lines].join('\n');
}

test('aliases that multiply are found without unfolding them', () => {
  const { tooMuch } = resolveAliases(parseDocument(multiplying(30)));
  expect(tooMuch?.range?.[0]).toBeGreaterThan(0);
  expect(readYaml('a.yaml', multiplying(30))).toMatchObject({
    root: undefined,
    errors: [{ code: 'seed_syntax', location: { line: 6 } }],
  });
});

test('many aliases of one anchor are read, each looked up once', () => {
  const text = `a: &a {k: 1}\n${Array.from({ length: 20_000 }, (_, index) => `k${index}: *a`).join('\n')}\n`;
  const { root, errors } = readYaml('a.yaml', text);
  expect(errors).toEqual([]);
  expect(root).toMatchObject({ kind: 'mapping' });
});

test('values inside of each other have a limit', () => {
  const { tooMuch } = resolveAliases(parseDocument(`${'['.repeat(600)}${']'.repeat(600)}`));
  expect(tooMuch).toBeDefined();
});

test('an anchor may be set again: an alias means the last one above it', () => {
  const { root } = readYaml('a.yaml', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n');
  const entries = root?.kind === 'mapping' ? [...root.entries.values()] : [];
  expect(entries.map(({ node }) => (node.kind === 'plain' ? node.json : ''))).toEqual(['1', '1', '2', '2']);
});
