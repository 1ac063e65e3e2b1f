import type { DirectoryInode, Inode } from './inode.ts';

/** A directory's children as HDFS lists them; sorted once for as long as nothing changes. */
export function sortedChildren(directory: DirectoryInode): readonly Inode[] {
  directory.sorted ??= [...directory.children.values()].sort((one, other) =>
    compareNames(one.name, other.name),
  );
  return directory.sorted;
}

/**
 * HDFS orders names by their UTF-8 bytes, which are signed in Java: what is not ASCII comes before what is.
 * Measured on Hadoop 3.4.1.
 */
export function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  if (isAscii(one) && isAscii(other)) return one < other ? -1 : 1;
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = left.readInt8(index) - right.readInt8(index);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Position of the first child whose name comes after `name`. */
export function indexAfter(children: readonly Inode[], name: string): number {
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(children[middle]!.name, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}
