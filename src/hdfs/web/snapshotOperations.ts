import { type DirectoryInode, pathOf } from '../store/inode.ts';
import { parentPathOf, snapshotPath } from '../store/inodePath.ts';
import { type DiffEntry, snapshotDiff } from '../store/snapshotDiff.ts';
import {
  allowSnapshots,
  createSnapshot,
  deleteSnapshot,
  directoryInSnapshot,
  disallowSnapshots,
  renameSnapshot,
  snapshotsAt,
  snapshottableDirectories,
} from '../store/snapshots.ts';
import { type Answer, emptyAnswer, jsonAnswer, valueAnswer } from './answer.ts';
import { statusJson } from './statusJson.ts';
import type { WebRequest } from './webRequest.ts';

/** As many as HDFS allows of one directory. */
const SNAPSHOT_QUOTA = 65_536;

export function allowSnapshot({ store, caller, path }: WebRequest): Answer {
  allowSnapshots(store, caller, path);
  return emptyAnswer();
}

export function disallowSnapshot({ store, caller, path }: WebRequest): Answer {
  disallowSnapshots(store, caller, path);
  return emptyAnswer();
}

export function createSnapshotOf({ store, caller, path, parameters }: WebRequest): Answer {
  return valueAnswer('Path', createSnapshot(store, caller, path, parameters.text('snapshotname')));
}

export function renameSnapshotOf({ store, caller, path, parameters }: WebRequest): Answer {
  const name = parameters.required('oldsnapshotname', 'RENAMESNAPSHOT');
  renameSnapshot(store, caller, path, name, parameters.required('snapshotname', 'RENAMESNAPSHOT'));
  return emptyAnswer();
}

export function deleteSnapshotOf({ store, caller, path, parameters }: WebRequest): Answer {
  deleteSnapshot(store, caller, path, parameters.required('snapshotname', 'DELETESNAPSHOT'));
  return emptyAnswer();
}

export function getSnapshotDiff(request: WebRequest): Answer {
  const { path, parameters } = request;
  return valueAnswer('SnapshotDiffReport', {
    diffList: differences(request).map(({ type, path: sourcePath, target }) => ({
      sourcePath,
      ...(target === undefined ? {} : { targetPath: target }),
      type,
    })),
    fromSnapshot: parameters.text('oldsnapshotname') ?? '',
    snapshotRoot: path,
    toSnapshot: parameters.text('snapshotname') ?? '',
  });
}

/** The same for clients since 3.2, which put the report together themselves. All of it comes at once. */
export function getSnapshotDiffListing(request: WebRequest): Answer {
  const entries = differences(request);
  const renamed = entries.filter((entry) => entry.type === 'RENAME');
  const of = (type: DiffEntry['type']): readonly object[] =>
    entries.filter((entry) => entry.type === type).map(listingEntry);
  return valueAnswer('SnapshotDiffReportListing', {
    createList: [
      ...of('CREATE'),
      ...renamed.map(({ target = '', ...entry }) => listingEntry({ ...entry, path: target })),
    ],
    deleteList: [...of('DELETE'), ...renamed.map(listingEntry)],
    isFromEarlier: true,
    lastIndex: -1,
    lastPath: '',
    modifyList: of('MODIFY'),
  });
}

function differences({ store, caller, path, parameters }: WebRequest): readonly DiffEntry[] {
  const from = directoryInSnapshot(store, caller, path, parameters.text('oldsnapshotname'));
  const to = directoryInSnapshot(store, caller, path, parameters.text('snapshotname'));
  return snapshotDiff(from, to);
}

function listingEntry({ type, path, target, directoryId, id, isDirectory }: DiffEntry): object {
  return {
    dirId: directoryId,
    fileId: id,
    isReference: type === 'RENAME' || (type === 'MODIFY' && isDirectory),
    sourcePath: path,
    ...(target === undefined ? {} : { targetPath: target }),
  };
}

export function getSnapshottableDirectories({ store, caller }: WebRequest): Answer {
  const directories = snapshottableDirectories(store, caller);
  if (directories === undefined) return valueAnswer('SnapshottableDirectoryList', null);
  return jsonAnswer(`{"SnapshottableDirectoryList":[${directories.map(snapshottableJson).join(',')}]}`);
}

export function getSnapshots({ store, caller, path }: WebRequest): Answer {
  const snapshots = snapshotsAt(store, caller, path).map(({ id, name, root }) => {
    const fullPath = JSON.stringify(snapshotPath(pathOf(root.parent!), name));
    const status = statusJson(root, name);
    return `{"deletionStatus":"ACTIVE","dirStatus":${status},"fullPath":${fullPath},"snapshotID":${id}}`;
  });
  return jsonAnswer(`{"SnapshotList":[${snapshots.join(',')}]}`);
}

function snapshottableJson(directory: DirectoryInode): string {
  const parent = directory.parent === undefined ? '' : parentPathOf(pathOf(directory));
  const number = directory.snapshots?.size ?? 0;
  // Here HDFS does not say of a directory what all in the list are.
  const status = statusJson(directory, directory.name).replace('"snapshotEnabled":true,', '');
  return (
    `{"dirStatus":${status},"parentFullPath":${JSON.stringify(parent)},` +
    `"snapshotNumber":${number},"snapshotQuota":${SNAPSHOT_QUOTA}}`
  );
}
