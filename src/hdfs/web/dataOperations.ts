import { checkAccess, READ } from '../store/access.ts';
import { fileChecksum } from '../store/checksum.ts';
import { lookUp } from '../store/lookUp.ts';
import { type FileReader, openFile } from '../store/readFile.ts';
import { RemoteException } from '../store/remoteException.ts';
import { appendFile, createFile, type FileWriter } from '../store/writeFile.ts';
import { type Answer, emptyAnswer, valueAnswer } from './answer.ts';
import { responseHead } from './http/responseHead.ts';
import { redirect } from './redirect.ts';
import type { WebRequest } from './webRequest.ts';

/** Up to here a file is read in one go, and sent with the head. */
const SMALL_BYTES = 256 * 1024;
/** One piece of a larger file on its way to a client: twice as fast as with pieces of 256 KiB. */
const PIECE_BYTES = 1024 * 1024;

export async function open(request: WebRequest): Promise<Answer | undefined> {
  const { parameters } = request;
  const offset = parameters.long('offset', { least: 0 }) ?? 0;
  const length = parameters.long('length', { least: 0 }) ?? Number.POSITIVE_INFINITY;
  if (!request.isDataStep) {
    checkOffset(request, offset);
    checkReadable(request);
    return redirect(request);
  }
  const reader = openFile(request.store, request.caller, request.path);
  try {
    if (offset > reader.length) throw new RemoteException('EOFException', 'Cannot seek after EOF');
    await sendFile(request, reader, offset, Math.min(length, reader.length - offset));
  } finally {
    reader.close();
  }
  return undefined;
}

export async function create(request: WebRequest): Promise<Answer> {
  const { parameters, store, caller, path } = request;
  const options = {
    overwrite: parameters.boolean('overwrite', false),
    createParent: parameters.boolean('createparent', true),
    mode: parameters.mode('permission') ?? 0o644,
    unmasked: parameters.mode('unmaskedpermission'),
    replication: parameters.short('replication', { least: 1 }),
    blockSize: parameters.long('blocksize', { least: 1 }),
  };
  if (!request.isDataStep) return redirect(request);
  await receive(
    request,
    asDatanode(() => createFile(store, caller, path, options)),
  );
  return emptyAnswer(201, {
    Location: `hdfs://${request.host}${request.target.encodedPath.slice('/webhdfs/v1'.length)}`,
  });
}

export async function append(request: WebRequest): Promise<Answer> {
  if (!request.isDataStep) {
    checkThere(request);
    checkReadable(request);
    return redirect(request);
  }
  await receive(request, appendFile(request.store, request.caller, request.path));
  return emptyAnswer();
}

export async function getFileChecksum(request: WebRequest): Promise<Answer> {
  if (!request.isDataStep) {
    checkThere(request);
    checkReadable(request);
    return redirect(request);
  }
  const { algorithm, bytes } = await fileChecksum(request.store, request.caller, request.path);
  // Real HDFS sends the whole array that the bytes are in.
  const padded = Buffer.alloc(32);
  bytes.copy(padded);
  return valueAnswer('FileChecksum', { algorithm, bytes: padded.toString('hex'), length: bytes.length });
}

/** A datanode knows fewer exceptions than the namenode, and passes on the others in a wrapping. */
function asDatanode<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RemoteException) || error.javaClass !== 'PathComponentTooLongException')
      throw error;
    throw new RemoteException('RpcRemoteException', error.message);
  }
}

/** The body becomes the file. What has arrived when the client goes half-way stays, as it does in HDFS. */
async function receive(request: WebRequest, writer: FileWriter): Promise<void> {
  try {
    for (;;) {
      const chunks = await request.exchange.readBody();
      if (chunks === undefined) break;
      await writer.write(chunks);
    }
  } catch (error) {
    closeQuietly(writer);
    throw error;
  }
  writer.close();
}

/** The first failure is the one to tell. */
function closeQuietly(writer: FileWriter): void {
  try {
    writer.close();
  } catch {
    // The file was removed, or the disk is full.
  }
}

async function sendFile(
  request: WebRequest,
  reader: FileReader,
  offset: number,
  length: number,
): Promise<void> {
  const { exchange } = request;
  const head = responseHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': length });
  if (length <= SMALL_BYTES) {
    const body = Buffer.allocUnsafe(length);
    if (length > 0 && reader.readSync(body, offset) < length) throw cutShort();
    exchange.send(head, body);
    return;
  }
  await exchange.write(Buffer.from(head));
  await sendPieces(request, reader, offset, length);
}

/** Reads one piece while the one before is on its way. */
async function sendPieces(
  request: WebRequest,
  reader: FileReader,
  offset: number,
  length: number,
): Promise<void> {
  const end = offset + length;
  const size = Math.min(PIECE_BYTES, length);
  let [free, sending] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
  let position = offset;
  let count = await reader.read(free.subarray(0, end - position), position);
  while (position < end) {
    if (count === 0) throw cutShort();
    [free, sending] = [sending, free];
    const sent = request.exchange.write(sending.subarray(0, count));
    position += count;
    // Awaited below, after the file has been let go of.
    sent.catch(() => {});
    if (position < end) count = await reader.read(free.subarray(0, end - position), position);
    await sent;
  }
}

/** Somebody has shortened the file by hand. The connection ends, so that the client sees it. */
function cutShort(): Error {
  return new Error('the file has become shorter');
}

/** What the namenode looks at before it names a datanode. @returns the length of the file. */
function checkThere({ store, caller, path }: WebRequest): number {
  const place = lookUp(store, caller, path, 'read');
  if (place.inode === undefined) {
    throw new RemoteException('FileNotFoundException', `File ${place.path} not found.`);
  }
  return place.inode.kind === 'file' ? place.inode.length : 0;
}

/** It asks where the blocks are as the caller, who may have to be allowed to read. */
function checkReadable({ store, caller, path }: WebRequest): void {
  const { inode } = lookUp(store, caller, path, 'read');
  if (inode?.kind === 'file' && inode.length > 0) checkAccess(caller, inode, READ);
}

function checkOffset(request: WebRequest, offset: number): void {
  const length = checkThere(request);
  if (length === 0 || offset < length) return;
  throw new RemoteException(
    'IOException',
    `Offset=${offset} out of the range [0, ${length}); OPEN, path=${request.path}`,
  );
}
