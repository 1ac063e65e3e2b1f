import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

/** A connection as this end of it sees it; both addresses IPv4, of this machine. */
export interface LoopbackConnection {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** @returns the user id of the process at the other end; undefined when no process has that end any more. */
export type PeerOwner = (connection: LoopbackConnection) => Promise<number | undefined>;

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

/**
 * Whose process is at the other end of a loopback connection, by the kernel's tables. Reading one takes the kernel
 * milliseconds, however short it is: those who ask meanwhile share the next reading.
 *
 * @returns undefined where the system has no such tables.
 */
export function loopbackPeerOwner(tables: readonly string[] = TABLES): PeerOwner | undefined {
  if (!existsSync(tables[0] ?? '')) return undefined;
  // A machine without IPv6 has no second table.
  const readings = tables.map((table) => shared(() => readFile(table, 'latin1').catch(() => '')));
  return async (connection) => {
    // A table that changes while it is read may miss a row.
    for (let attempt = 0; attempt < READINGS; attempt += 1) {
      for (const reading of readings) {
        const owner = ownerIn(await reading(), connection);
        if (owner !== undefined) return owner;
      }
    }
    return undefined;
  };
}

const READINGS = 2;

/**
 * The owner of the other end, by the text of a table (Linux' `proc_net_tcp.rst`). The end of a process that has closed
 * it stays in the table for a while, with root's id and no inode: that is nobody's.
 */
export function ownerIn(table: string, connection: LoopbackConnection): number | undefined {
  const theirs = endpoint(connection.remoteAddress, connection.remotePort);
  const ours = endpoint(connection.localAddress, connection.localPort);
  for (const wanted of [`${theirs} ${ours} `, `${MAPPED}${theirs} ${MAPPED}${ours} `]) {
    for (let at = table.indexOf(wanted); at !== -1; at = table.indexOf(wanted, at + 1)) {
      const fields = table.slice(at + wanted.length, at + wanted.length + ROW_REST).split(/\s+/);
      const [uid, inode] = [Number(fields[4]), Number(fields[6])];
      if (Number.isSafeInteger(uid) && inode > 0) return uid;
    }
  }
  return undefined;
}

/** State, queues, timer, retransmissions, user id, timeout, inode: longer than they can be. */
const ROW_REST = 120;

const LITTLE = endianness() === 'LE';

/** An IPv4 address within IPv6, as Java's sockets and others use it. */
const MAPPED = LITTLE ? '0000000000000000FFFF0000' : '00000000000000000000FFFF';

/** As `0100007F:26AE`: the address as a number of this machine, the port as people read it. */
function endpoint(address: string, port: number): string {
  const bytes = address.split('.').map((part) => hex(Number(part), 2));
  return `${(LITTLE ? bytes.toReversed() : bytes).join('')}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** One reading at a time; one that is under way is too old for those who come meanwhile. */
function shared(read: () => Promise<string>): () => Promise<string> {
  let current: Promise<string> | undefined;
  let next: Promise<string> | undefined;
  const begin = (): Promise<string> => {
    const begun = read().finally(() => {
      if (current === begun) current = undefined;
    });
    current = begun;
    return begun;
  };
  return () => {
    if (current === undefined) return begin();
    next ??= current.then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}
