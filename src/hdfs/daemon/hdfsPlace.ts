import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';

/** Where a project's HDFS listens. */
export interface HdfsPlace {
  /** IPv4, of the loopback network. */
  readonly address: string;
  /** In the order of `CLIENT_PORTS`. */
  readonly ports: readonly number[];
}

/**
 * The ports that clients assume: WebHDFS of Hadoop 3, Hadoop's `hdfs://` URIs, and WebHDFS of Hadoop 2, which
 * fsspec still takes for the usual one.
 */
export const CLIENT_PORTS: readonly number[] = [9870, 8020, 50_070];

/** What nobody listens on yet is good for these many projects whose names fall together. */
const OWN_ADDRESSES = 8;

/**
 * Where to listen, best first: the place of last time, addresses of the project's own with the usual ports, and
 * ports that the system chooses (0). Every address in 127.0.0.0/8 is this machine on Linux; elsewhere only 127.0.0.1.
 */
export function candidatePlaces(
  stateDirectory: string,
  platform: NodeJS.Platform,
  remembered: HdfsPlace | undefined,
): readonly HdfsPlace[] {
  const own =
    platform === 'linux'
      ? Array.from({ length: OWN_ADDRESSES }, (_, index) => ({
          address: ownAddress(stateDirectory, index),
          ports: CLIENT_PORTS,
        }))
      : [];
  const [first] = own;
  const usual = remembered?.ports.every((port, index) => port === CLIENT_PORTS[index]) ?? false;
  return [
    ...(remembered !== undefined && (usual || first === undefined) ? [remembered] : []),
    ...own,
    // Somebody listens on the usual ports of all addresses, as a container's published port does.
    ...(remembered === undefined || usual ? [] : [remembered]),
    { address: first?.address ?? '127.0.0.1', ports: CLIENT_PORTS.map(() => 0) },
  ];
}

/** The first byte after 127 keeps away from 127.0.0.1 and from 127.0.1.1, which Debian gives to the machine's name. */
function ownAddress(stateDirectory: string, index: number): string {
  const [second = 0, third = 0, fourth = 0] = createHash('sha256')
    .update(`${stateDirectory}\0${index}`)
    .digest();
  return `127.${64 + (second % 64)}.${third}.${1 + (fourth % 254)}`;
}

/** Where it listened last time; where it will most probably listen when it never has. */
export async function expectedPlace(stateDirectory: string, platform: NodeJS.Platform): Promise<HdfsPlace> {
  const remembered = await rememberedPlace(stateDirectory);
  const [first] = candidatePlaces(stateDirectory, platform, remembered);
  return remembered ?? first ?? { address: '127.0.0.1', ports: CLIENT_PORTS };
}

/** `undefined` when it has never listened, or the file can't be understood. */
export async function rememberedPlace(stateDirectory: string): Promise<HdfsPlace | undefined> {
  try {
    const { address, ports } = JSON.parse(await readFile(fileIn(stateDirectory), 'utf8')) as HdfsPlace;
    const isPlace =
      /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address) &&
      ports.length === CLIENT_PORTS.length &&
      ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536);
    return isPlace ? { address, ports } : undefined;
  } catch {
    return undefined;
  }
}

export async function rememberPlace(stateDirectory: string, { address, ports }: HdfsPlace): Promise<void> {
  await writeFileAtomic(fileIn(stateDirectory), `${JSON.stringify({ version: 1, address, ports })}\n`);
}

/** `http://127.71.3.9:9870` */
export function placeUrl({ address, ports }: HdfsPlace): string {
  return `http://${address}:${ports[0]}`;
}

function fileIn(stateDirectory: string): string {
  return path.join(stateDirectory, 'hdfs', 'place.json');
}
