import type { FileInode } from './inode.ts';

export interface Block {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/** The blocks of a file, as HDFS would have cut it. */
export function* blocksOf(file: FileInode): Generator<Block> {
  let offset = 0;
  for (const [index, length] of blockLengths(file).entries()) {
    yield { index, offset, length };
    offset += length;
  }
}

export function blockLengths(file: FileInode): readonly number[] {
  if (file.blocks !== undefined) return file.blocks;
  const full = Math.floor(file.length / file.blockSize);
  const rest = file.length - full * file.blockSize;
  const blocks = Array.from({ length: full }, () => file.blockSize);
  return rest > 0 ? [...blocks, rest] : blocks;
}

/** Irregular blocks after the file has grown to `length`: the last one is filled up, then come regular ones. */
export function blocksAfterAppend(file: FileInode, length: number): readonly number[] | undefined {
  if (file.blocks === undefined || length < file.length) return undefined;
  const blocks = [...file.blocks];
  let rest = length - file.length;
  const last = blocks.length - 1;
  if (last >= 0 && blocks[last]! < file.blockSize) {
    const added = Math.min(rest, file.blockSize - blocks[last]!);
    blocks[last]! += added;
    rest -= added;
  }
  for (; rest > 0; rest -= file.blockSize) blocks.push(Math.min(rest, file.blockSize));
  return blocks;
}
