import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { HdfsFiles, HdfsStatus } from '../hdfs/client/hdfsFiles.ts';
import type { Artifact } from './artifact.ts';
import type { ArtifactState, PutArtifact } from './artifactState.ts';

export type SyncState =
  /** In HDFS as it should be. */
  | 'current'
  /** Not in HDFS. */
  | 'missing'
  /** Its source, or what is declared of it, has changed since. */
  | 'outdated'
  /** Somebody else has put a file there. */
  | 'foreign';

export interface ArtifactStatus {
  readonly artifact: Artifact;
  readonly state: SyncState;
  /** Of what it would be made from now; `undefined` when its local file is missing. */
  readonly stamp: string | undefined;
  /** Of the local file that it would be made from; undefined for one that has to be downloaded. */
  readonly bytes: number | undefined;
  readonly inHdfs: HdfsStatus | undefined;
  readonly put: PutArtifact | undefined;
}

/** Compares what is declared with what HDFS has. Asks no network but the project's own HDFS. */
export async function artifactStatus(
  artifact: Artifact,
  state: ArtifactState,
  hdfs: Pick<HdfsFiles, 'status'>,
): Promise<ArtifactStatus> {
  const [{ stamp, bytes }, inHdfs] = await Promise.all([sourceOf(artifact), hdfs.status(artifact.target)]);
  const put = state[artifact.name];
  return { artifact, stamp, bytes, inHdfs, put, state: compare(artifact, stamp, inHdfs, put) };
}

function compare(
  { target }: Artifact,
  stamp: string | undefined,
  inHdfs: HdfsStatus | undefined,
  put: PutArtifact | undefined,
): SyncState {
  if (inHdfs === undefined) return 'missing';
  if (put === undefined || put.target !== target) return 'foreign';
  if (put.length !== inHdfs.length || put.modificationTime !== inHdfs.modificationTime) return 'foreign';
  return put.stamp === stamp ? 'current' : 'outdated';
}

/** An address stands for one file for ever: versions are in names. `--force` is for those that don't keep to it. */
async function sourceOf({ origin, sha256 = '' }: Artifact): Promise<Pick<ArtifactStatus, 'stamp' | 'bytes'>> {
  // A hash: passwords of addresses are nothing to keep.
  if (origin.kind === 'web') {
    const stamp = `web ${hash('sha256', origin.addresses.join(' '))} ${sha256}`;
    return { stamp, bytes: undefined };
  }
  const found = await stat(origin.path).catch(() => undefined);
  if (found === undefined) return { stamp: undefined, bytes: undefined };
  const stamp = `${origin.kind} ${origin.path} ${found.size} ${found.mtimeMs} ${sha256}`;
  return { stamp, bytes: found.size };
}
