import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkAccess, READ } from './access.ts';
import { type Block, blocksOf } from './blocks.ts';
import type { Caller } from './caller.ts';
import { crc32c } from './crc32c.ts';
import { existingFile, lookUp } from './lookUp.ts';
import { type FileReader, openInode } from './readFile.ts';
import { RemoteException } from './remoteException.ts';
import type { Store } from './store.ts';

export interface FileChecksum {
  /** As `MD5-of-0MD5-of-512CRC32C`. */
  readonly algorithm: string;
  /** Bytes per CRC (4), CRCs per block (8), MD5 (16). */
  readonly bytes: Buffer;
}

const BYTES_PER_CRC = 512;
const PIECE_BYTES = 1024 * 1024;

/**
 * HDFS' checksum of a file: MD5 over the MD5s of the blocks' CRC-32Cs. The last MD5 also covers zeros up to the
 * capacity of the buffer that the Java client gathers the blocks' MD5s in, a quirk that became the format.
 *
 * @throws RemoteException FileNotFoundException, AccessControlException
 */
export async function fileChecksum(store: Store, caller: Caller, path: string): Promise<FileChecksum> {
  const place = lookUp(store, caller, path, 'read');
  const file = existingFile(place, (missing) => `File does not exist: ${missing}`);
  checkAccess(caller, file, READ);
  if (file.length === 0) return checksum(0, 0, [], 'CRC32');
  const reader = openInode(store, file);
  try {
    const blocks = [...blocksOf(file)];
    const digests: Buffer[] = [];
    for (const block of blocks) digests.push(await blockDigest(reader, block));
    // The Java client takes the first block's for all.
    const crcsPerBlock = blocks.length > 1 ? Math.ceil(blocks[0]!.length / BYTES_PER_CRC) : 0;
    return checksum(BYTES_PER_CRC, crcsPerBlock, digests, 'CRC32C');
  } finally {
    reader.close();
  }
}

async function blockDigest(reader: FileReader, block: Block): Promise<Buffer> {
  const digest = createHash('md5');
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, block.length));
  for (let done = 0; done < block.length;) {
    const wanted = Math.min(piece.length, block.length - done);
    const count = await fill(reader, piece.subarray(0, wanted), block.offset + done);
    digest.update(chunkCrcs(piece, count));
    done += count;
    await nextTurn();
  }
  return digest.digest();
}

async function fill(reader: FileReader, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const count = await reader.read(buffer.subarray(filled), position + filled);
    if (count === 0) throw new RemoteException('IOException', 'The file has been cut short meanwhile.');
    filled += count;
  }
  return filled;
}

function chunkCrcs(bytes: Buffer, length: number): Buffer {
  const crcs = Buffer.allocUnsafe(Math.ceil(length / BYTES_PER_CRC) * 4);
  for (let start = 0, at = 0; start < length; start += BYTES_PER_CRC, at += 4) {
    crcs.writeUInt32BE(crc32c(bytes, start, Math.min(start + BYTES_PER_CRC, length)), at);
  }
  return crcs;
}

function checksum(
  bytesPerCrc: number,
  crcsPerBlock: number,
  digests: readonly Buffer[],
  crcType: string,
): FileChecksum {
  const gathered = Buffer.concat(digests);
  let capacity = 32;
  while (capacity < gathered.length) capacity *= 2;
  const md5 = createHash('md5')
    .update(gathered)
    .update(Buffer.alloc(capacity - gathered.length))
    .digest();
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(bytesPerCrc, 0);
  bytes.writeBigUInt64BE(BigInt(crcsPerBlock), 4);
  md5.copy(bytes, 12);
  return { algorithm: `MD5-of-${crcsPerBlock}MD5-of-${bytesPerCrc}${crcType}`, bytes };
}
