import type { Socket } from 'node:net';
import type { LoopbackConnection } from '../../../platform/peerOwner.ts';
import { type BodyDecoder, newBodyDecoder } from './bodyDecoder.ts';
import { bodyFraming, LONGEST_HEAD_BYTES, readRequestHead, type RequestHead } from './requestHead.ts';
import { errorAnswer } from './responseHead.ts';

/** One request and the way to answer it. */
export interface Exchange {
  readonly head: RequestHead;
  /** Address of the client. */
  readonly remoteAddress: string;
  /** Whether the process at the other end of the connection may ask; found out once a connection. */
  isAdmitted(): Promise<boolean>;
  /**
   * The next chunks of the body, as many as are there; undefined at its end. Nothing more is taken from the
   * network than what is asked for and a small reserve.
   *
   * @throws Error when the client has gone before the end.
   */
  readBody(): Promise<readonly Buffer[] | undefined>;
  /** Name and port of this end, for clients that don't tell how they call it. */
  readonly localAuthority: string;
  /** Whether a part of the answer has been sent. */
  hasBegun(): boolean;
  /** Sends a whole answer, in one piece. */
  send(head: string, body?: Buffer): void;
  /** Sends a part of an answer. Resolves when there is room for more. @throws Error when the client has gone. */
  write(part: Buffer | string): Promise<void>;
}

export interface ConnectionHandlers {
  /** Whether the process at the other end may ask; every one may where this is absent. */
  readonly admits?: ((connection: LoopbackConnection) => Promise<boolean>) | undefined;
  /** Answers a request. What it leaves of the body is read and thrown away. */
  readonly handle: (exchange: Exchange) => Promise<void>;
  /** A native Hadoop client has called: it speaks RPC and not HTTP. */
  readonly onRpc: () => void;
}

/** Serves HTTP/1.1 on a connection: one request after the other. */
export function serveConnection(socket: Socket, handlers: ConnectionHandlers): void {
  new Connection(socket, handlers);
}

/** From the first byte of a head to its last. */
const HEAD_TIMEOUT_MS = 60_000;
/** Without a byte either way, within a request. */
const SILENCE_TIMEOUT_MS = 10 * 60_000;
/** Between two requests. */
const IDLE_TIMEOUT_MS = 5 * 60_000;
/** So much of a body may wait for who reads it. */
const RESERVE_BYTES = 1024 * 1024;
const RESERVE_CHUNKS = 256;

const HEAD_END = Buffer.from('\r\n\r\n');
const RPC_MAGIC = Buffer.from('hrpc');

interface BodyReader {
  resolve(chunks: readonly Buffer[] | undefined): void;
  reject(error: Error): void;
}

class Connection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  /** What has come of the next head, or what came after the body of the present request. */
  #pending: Buffer = EMPTY;
  #headTimer: NodeJS.Timeout | undefined;
  #busy = false;
  #decoder: BodyDecoder | undefined;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #reader: BodyReader | undefined;
  #expectsContinue = false;
  #hasBegun = false;
  #gone: Error | undefined;
  #admitted: Promise<boolean> | undefined;
  #drained: BodyReader | undefined;

  constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.setNoDelay(true);
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('drain', () => this.#settleDrain());
    socket.on('end', () => this.#ended());
    socket.on('error', () => {});
    socket.on('close', () => this.#fail(new Error('the client has gone')));
  }

  #receive(bytes: Buffer): void {
    if (this.#decoder !== undefined) this.#receiveBody(bytes);
    else this.#receiveHead(bytes);
  }

  #receiveHead(bytes: Buffer): void {
    // Searching goes on where it ended: a head that comes byte by byte costs no more than another.
    const from = Math.max(0, this.#pending.length - HEAD_END.length + 1);
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    if (this.#busy) {
      // Requests that come early wait in the kernel, apart from the few that have arrived.
      if (this.#pending.length > LONGEST_HEAD_BYTES) this.#socket.pause();
      return;
    }
    this.#nextRequest(from);
  }

  #nextRequest(searchFrom: number): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    if (pending.subarray(0, RPC_MAGIC.length).equals(RPC_MAGIC)) {
      this.#handlers.onRpc();
      this.#socket.destroy();
      return;
    }
    const end = pending.indexOf(HEAD_END, searchFrom);
    if (end === -1) {
      if (pending.length > LONGEST_HEAD_BYTES) this.#refuse(431, 'Request Header Fields Too Large');
      else this.#headTimer ??= setTimeout(() => this.#socket.destroy(), HEAD_TIMEOUT_MS).unref();
      return;
    }
    clearTimeout(this.#headTimer);
    this.#headTimer = undefined;
    // Clients may send an empty line too many between two requests.
    const start = pending[0] === 0x0d && pending[1] === 0x0a ? 2 : 0;
    const head =
      end > LONGEST_HEAD_BYTES ? undefined : readRequestHead(pending.toString('latin1', start, end));
    const framing = head && bodyFraming(head);
    if (head === undefined || framing === undefined) {
      this.#refuse(end > LONGEST_HEAD_BYTES ? 431 : 400, 'Bad Request');
      return;
    }
    const rest = pending.subarray(end + HEAD_END.length);
    this.#pending = EMPTY;
    this.#busy = true;
    this.#hasBegun = false;
    this.#expectsContinue = head.headers.get('expect')?.toLowerCase() === '100-continue';
    this.#socket.setTimeout(SILENCE_TIMEOUT_MS);
    if (framing.kind === 'length' && framing.bytes === 0) {
      this.#pending = rest;
    } else {
      this.#decoder = newBodyDecoder(framing);
      if (rest.length > 0) this.#receiveBody(rest);
    }
    void this.#answer(head);
  }

  async #answer(head: RequestHead): Promise<void> {
    const keepAlive = wantsKeepAlive(head);
    try {
      await this.#handlers.handle({
        head,
        remoteAddress: this.#socket.remoteAddress ?? '127.0.0.1',
        isAdmitted: () => (this.#admitted ??= this.#isAdmitted()),
        readBody: () => this.#readBody(),
        localAuthority: `${this.#socket.localAddress}:${this.#socket.localPort}`,
        hasBegun: () => this.#hasBegun,
        send: (text, body) => this.#send(text, body),
        write: (part) => this.#write(part),
      });
      // Who waits for a word to send the body has got another one, and nobody knows whether it still comes.
      if (this.#decoder !== undefined && this.#expectsContinue) this.#socket.end();
      this.#expectsContinue = false;
      // Who is still sending would take a closed connection for a failure, and not read the answer.
      while ((await this.#readBody()) !== undefined);
      // Who asks and asks and reads no answer does not fill the memory.
      if (this.#socket.writableNeedDrain) await this.#drain();
    } catch {
      // The answer has been begun or nobody is there to read one.
      this.#socket.destroy();
      return;
    }
    if (!keepAlive) this.#socket.end();
    if (this.#socket.destroyed || !this.#socket.writable) return;
    this.#busy = false;
    this.#socket.setTimeout(IDLE_TIMEOUT_MS);
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#nextRequest(0);
    if (!this.#busy && this.#socket.readableEnded) this.#socket.end();
  }

  async #isAdmitted(): Promise<boolean> {
    const { admits } = this.#handlers;
    if (admits === undefined) return true;
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket;
    if (localAddress === undefined || localPort === undefined) return false;
    if (remoteAddress === undefined || remotePort === undefined) return false;
    return admits({ localAddress, localPort, remoteAddress, remotePort });
  }

  async #readBody(): Promise<readonly Buffer[] | undefined> {
    if (this.#chunks.length > 0) return this.#takeChunks();
    if (this.#decoder === undefined) return undefined;
    if (this.#gone !== undefined) throw this.#gone;
    if (this.#expectsContinue) this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    this.#expectsContinue = false;
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  #takeChunks(): readonly Buffer[] {
    const chunks = this.#chunks;
    [this.#chunks, this.#chunkBytes] = [[], 0];
    if (this.#socket.isPaused()) this.#socket.resume();
    return chunks;
  }

  #receiveBody(bytes: Buffer): void {
    const before = this.#chunks.length;
    try {
      const rest = this.#decoder!.decode(bytes, this.#chunks);
      if (rest !== undefined) {
        this.#decoder = undefined;
        this.#pending = rest;
      }
    } catch (error) {
      this.#fail(error as Error);
      this.#socket.destroy();
      return;
    }
    for (const chunk of this.#chunks.slice(before)) this.#chunkBytes += chunk.length;
    const reader = this.#reader;
    if (reader !== undefined && (this.#chunks.length > 0 || this.#decoder === undefined)) {
      this.#reader = undefined;
      reader.resolve(this.#chunks.length > 0 ? this.#takeChunks() : undefined);
    } else if (this.#chunkBytes > RESERVE_BYTES || this.#chunks.length > RESERVE_CHUNKS) {
      this.#socket.pause();
    }
  }

  async #write(part: Buffer | string): Promise<void> {
    if (this.#gone !== undefined) throw this.#gone;
    this.#hasBegun = true;
    if (!this.#socket.write(part)) await this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#gone !== undefined) throw this.#gone;
    await new Promise<unknown>((resolve, reject) => {
      this.#drained = { resolve, reject };
    });
  }

  #send(text: string, body: Buffer | undefined): void {
    this.#hasBegun = true;
    if (body === undefined || body.length === 0) {
      this.#socket.write(text);
      return;
    }
    this.#socket.cork();
    this.#socket.write(text, 'latin1');
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #settleDrain(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.resolve(undefined);
  }

  /** The client will send nothing more; it may still read. */
  #ended(): void {
    if (this.#decoder !== undefined) {
      this.#fail(new Error('the client has ended the body early'));
      this.#socket.destroy();
    } else if (!this.#busy) {
      this.#socket.end();
    }
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    clearTimeout(this.#headTimer);
    const [reader, drained] = [this.#reader, this.#drained];
    [this.#reader, this.#drained] = [undefined, undefined];
    reader?.reject(error);
    drained?.reject(error);
  }

  /** Goes on reading for a moment: a reset would keep the answer from the client. */
  #refuse(status: number, reason: string): void {
    this.#busy = true;
    this.#pending = EMPTY;
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.end(errorAnswer(status, reason));
    setTimeout(() => this.#socket.destroy(), REFUSAL_MS).unref();
  }
}

const EMPTY = Buffer.alloc(0);
const REFUSAL_MS = 2000;

function wantsKeepAlive(head: RequestHead): boolean {
  const wish = head.headers.get('connection')?.toLowerCase();
  return head.minorVersion === 1 ? wish !== 'close' : wish === 'keep-alive';
}
