import { checkAccessTo } from '../store/attributes.ts';
import { contentSummary } from '../store/contentSummary.ts';
import { fileStatus, listDirectory } from '../store/list.ts';
import { blockLocations } from '../store/blockLocations.ts';
import { quotaOf } from '../store/quota.ts';
import { STORAGE_POLICIES, storagePolicyOf } from '../store/storagePolicies.ts';
import { type Answer, emptyAnswer, jsonAnswer, valueAnswer } from './answer.ts';
import { blockLocationsJson, locatedBlocksJson } from './blocksJson.ts';
import { statusesJson, statusJson } from './statusJson.ts';
import type { WebRequest } from './webRequest.ts';

export function getFileStatus({ store, caller, path }: WebRequest): Answer {
  return jsonAnswer(`{"FileStatus":${statusJson(fileStatus(store, caller, path), '')}}`);
}

export function listStatus({ store, caller, path }: WebRequest): Answer {
  const { entries, isFile } = listDirectory(store, caller, path);
  return jsonAnswer(statusesJson(entries, isFile));
}

/** As many entries as a namenode gives at a time. */
const BATCH = 1000;

export function listStatusBatch({ store, caller, path, parameters }: WebRequest): Answer {
  const after = parameters.text('startafter') ?? '';
  const { entries, isFile, remaining } = listDirectory(store, caller, path, after, BATCH);
  const partial = statusesJson(entries, isFile);
  return jsonAnswer(`{"DirectoryListing":{"partialListing":${partial},"remainingEntries":${remaining}}}`);
}

export function getContentSummary({ store, caller, path }: WebRequest): Answer {
  const { inode, length, files, directories, spaceConsumed } = contentSummary(store, caller, path, 'summary');
  return valueAnswer('ContentSummary', {
    directoryCount: directories,
    ecPolicy: inode.kind === 'file' ? 'Replicated' : '',
    fileCount: files,
    length,
    ...quotaOf(inode, spaceConsumed),
    spaceConsumed,
    snapshotDirectoryCount: 0,
    snapshotFileCount: 0,
    snapshotLength: 0,
    snapshotSpaceConsumed: 0,
  });
}

export function getQuotaUsage({ store, caller, path }: WebRequest): Answer {
  const { inode, files, directories, spaceConsumed } = contentSummary(store, caller, path, 'quota');
  return valueAnswer('QuotaUsage', {
    fileAndDirectoryCount: files + directories,
    ...quotaOf(inode, spaceConsumed),
    spaceConsumed,
  });
}

export function checkAccess({ store, caller, path, parameters }: WebRequest): Answer {
  parameters.required('fsaction', 'CHECKACCESS');
  const action = parameters.matching('fsaction', /^[r-][w-][x-]$/, '[r-][w-][x-]') ?? '---';
  const bits = [...action].reduce((sum, letter) => sum * 2 + (letter === '-' ? 0 : 1), 0);
  checkAccessTo(store, caller, path, bits);
  return emptyAnswer();
}

export function getFileBlockLocations(request: WebRequest): Answer {
  return jsonAnswer(blockLocationsJson(request, blocksIn(request).blocks));
}

export function getBlockLocations(request: WebRequest): Answer {
  const { file, blocks } = blocksIn(request);
  return jsonAnswer(locatedBlocksJson(request, file, blocks));
}

function blocksIn({ store, caller, path, parameters }: WebRequest): ReturnType<typeof blockLocations> {
  const offset = parameters.long('offset', { least: 0 }) ?? 0;
  const length = parameters.long('length', { least: 0 }) ?? Number.MAX_SAFE_INTEGER;
  return blockLocations(store, caller, path, offset, length);
}

export function getHomeDirectory({ caller }: WebRequest): Answer {
  return valueAnswer('Path', `/user/${caller.user}`);
}

export function getTrashRoot({ caller }: WebRequest): Answer {
  return valueAnswer('Path', `/user/${caller.user}/.Trash`);
}

export function getServerDefaults({ store }: WebRequest): Answer {
  return valueAnswer('FsServerDefaults', {
    ...store.defaults,
    bytesPerChecksum: 512,
    writePacketSize: 65_536,
    fileBufferSize: 4096,
    encryptDataTransfer: false,
    trashInterval: 0,
    // CRC32C
    checksumType: 2,
    keyProviderUri: '',
    defaultStoragePolicyId: 7,
  });
}

export function getAllStoragePolicies(): Answer {
  return valueAnswer('BlockStoragePolicies', { BlockStoragePolicy: STORAGE_POLICIES });
}

export function getStoragePolicy({ store, caller, path }: WebRequest): Answer {
  return valueAnswer('BlockStoragePolicy', storagePolicyOf(store, caller, path));
}
