import { expect, test } from 'vitest';
import { branchSnapshot } from '../../../src/database/snapshots/branchSnapshot.ts';
import { assertSnapshotName } from '../../../src/database/snapshots/snapshotRecord.ts';

const tied = (name: string, branch: string) => ({ name, onBranch: true, git: { branch, commit: 'c' } });

/** Saves for branches one after another, as `snapshot save --on-branch` does. */
function savedFor(...branches: string[]) {
  let present: ReturnType<typeof tied>[] = [];
  for (const branch of branches) {
    const { name, replaces } = branchSnapshot(branch, present);
    if (!replaces) expect(present.map((each) => each.name)).not.toContain(name);
    present = [...present.filter((each) => each.name !== name), tied(name, branch)];
  }
  return present;
}

test('a branch gives its snapshot its name', () => {
  expect(branchSnapshot('feature/new dag', [])).toEqual({ name: 'feature-new-dag', replaces: false });
  expect(branchSnapshot('../..', [])).toEqual({ name: 'branch', replaces: false });
});

test.each([
  ['feat/a', 'feat-a'],
  ['feat/\u00fc', 'feat/\u00f6'],
  ['Main', 'main'],
  [`${'x'.repeat(90)}1`, `${'x'.repeat(90)}2`],
])('%s and %s have a snapshot each, and each replaces its own', (one, other) => {
  const saved = savedFor(one, other, one, other);
  expect(saved.map((each) => each.git.branch)).toEqual([one, other]);
  const names = saved.map((each) => each.name.toLowerCase());
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(() => assertSnapshotName(name)).not.toThrow();
});

test('what a person has named is never replaced, whether it is tied to the branch or not', () => {
  const untied = { name: 'mine', git: { branch: 'mine', commit: 'c' } };
  expect(branchSnapshot('mine', [untied])).toEqual({
    name: expect.stringMatching(/^mine-[0-9a-f]{8}$/) as string,
    replaces: false,
  });
  expect(branchSnapshot('mine', [tied('other', 'mine')])).toEqual({ name: 'mine', replaces: false });
});

test('a snapshot of this branch that an earlier version has named is replaced', () => {
  expect(branchSnapshot('feat/a', [tied('feat-a', 'feat/a')])).toEqual({ name: 'feat-a', replaces: true });
});
