import { blockLengths, type Block } from '../store/blocks.ts';
import type { FileInode } from '../store/inode.ts';
import type { WebRequest } from './webRequest.ts';

/** `BlockLocations`, as Hadoop's clients since 3.4 ask for them. All blocks are on this machine. */
export function blockLocationsJson(request: WebRequest, blocks: readonly Block[]): string {
  const node = datanode(request);
  const locations = blocks.map((block) => ({
    topologyPaths: [`/default-rack/${node.name}`],
    cachedHosts: [],
    hosts: [node.hostName],
    names: [node.name],
    storageTypes: ['DISK'],
    corrupt: false,
    offset: block.offset,
    length: block.length,
  }));
  return JSON.stringify({ BlockLocations: { BlockLocation: locations } });
}

/** `LocatedBlocks`, as older clients ask for them. */
export function locatedBlocksJson(request: WebRequest, file: FileInode, blocks: readonly Block[]): string {
  const located = (block: Block): object => locatedBlock(request, file, block);
  const all = blockLengths(file);
  const lastLength = all.at(-1);
  const last =
    lastLength === undefined
      ? null
      : located({ index: all.length - 1, offset: file.length - lastLength, length: lastLength });
  return JSON.stringify({
    LocatedBlocks: {
      fileLength: file.length,
      isLastBlockComplete: last !== null,
      isUnderConstruction: file.lease !== undefined,
      lastLocatedBlock: last,
      locatedBlocks: blocks.map(located),
    },
  });
}

/** Ids of blocks count from here in HDFS. */
const FIRST_BLOCK_ID = 1_073_741_825;

function locatedBlock(request: WebRequest, file: FileInode, block: Block): object {
  return {
    block: {
      blockId: FIRST_BLOCK_ID + file.id * 1024 + block.index,
      blockPoolId: 'BP-1-127.0.0.1-1',
      generationStamp: 1001,
      numBytes: block.length,
    },
    blockToken: { urlString: 'AAAAAA' },
    cachedLocations: [],
    isCorrupt: false,
    locations: [datanode(request)],
    startOffset: block.offset,
    storageTypes: ['DISK'],
  };
}

const TRANSFER_PORT = 9866;

interface DatanodeInfo {
  readonly name: string;
  readonly hostName: string;
}

function datanode(request: WebRequest): DatanodeInfo & Record<string, unknown> {
  const { hostname, port } = new URL(`http://${request.host}`);
  return {
    adminState: 'NORMAL',
    blockPoolUsed: 0,
    cacheCapacity: 0,
    cacheUsed: 0,
    capacity: 0,
    dfsUsed: 0,
    hostName: hostname,
    infoPort: Number(port || 80),
    infoSecurePort: 0,
    ipAddr: '127.0.0.1',
    ipcPort: 9867,
    lastBlockReportMonotonic: 0,
    lastBlockReportTime: 0,
    lastUpdate: request.store.now(),
    lastUpdateMonotonic: 0,
    name: `127.0.0.1:${TRANSFER_PORT}`,
    networkLocation: '/default-rack',
    remaining: 0,
    storageID: 'devenv',
    xceiverCount: 0,
    xferPort: TRANSFER_PORT,
  };
}
