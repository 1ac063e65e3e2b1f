import { createHash } from 'node:crypto';
import type { SnapshotRecord } from './snapshotRecord.ts';

type Tied = Pick<SnapshotRecord, 'name' | 'git' | 'onBranch'>;

/**
 * The name for the snapshot of a branch, and which one it takes the place of. Different branches may look the same as
 * names (`feat/a`, `feat-a`), and so may what a person has named: only what is tied to this very branch is replaced,
 * and where the plain name belongs to another, a digest of the branch goes behind it. Pure.
 */
export function branchSnapshot(
  branch: string,
  present: readonly Tied[],
): { readonly name: string; readonly replaces: boolean } {
  const names = candidates(branch);
  const own = present.findLast((each) => isTiedTo(each, branch) && names.includes(each.name));
  if (own !== undefined) return { name: own.name, replaces: true };
  const free = names.find((name) => !present.some((each) => isSameName(each.name, name)));
  return { name: free ?? names[1], replaces: false };
}

export function isTiedTo(record: Pick<SnapshotRecord, 'git' | 'onBranch'>, branch: string): boolean {
  return record.onBranch === true && record.git?.branch === branch;
}

/** Names are names of folders: some file systems take `Main` and `main` for one. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function candidates(branch: string): readonly [string, string] {
  const plain = branch.replaceAll(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'branch';
  const digest = createHash('sha256').update(branch).digest('hex').slice(0, 8);
  return [plain.slice(0, MOST), `${plain.slice(0, MOST - digest.length - 1)}-${digest}`];
}

const MOST = 80;
