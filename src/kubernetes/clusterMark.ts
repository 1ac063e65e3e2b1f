import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesSettings, Project } from '../config/project.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { clusterDirectory } from './clusterPlace.ts';

/** What the cluster was made from, as far as it can't be changed afterwards. */
export interface ClusterMark {
  /** Of the node image and the number of nodes. */
  readonly fingerprint: string;
  /** False while it is made: what is found then is of no use. */
  readonly complete: boolean;
}

/** Of the folders that nodes mount: another number makes clusters new that have been made with others. */
const MOUNTS = 2;

export function clusterMark(settings: KubernetesSettings): Pick<ClusterMark, 'fingerprint'> {
  const unchangeable = JSON.stringify([MOUNTS, settings.image ?? '', settings.nodes.length]);
  return { fingerprint: createHash('sha256').update(unchangeable).digest('hex').slice(0, 16) };
}

/** @returns undefined when the project never had a cluster. */
export async function readClusterMark(
  project: Pick<Project, 'stateDirectory'>,
): Promise<ClusterMark | undefined> {
  try {
    const { fingerprint, complete }: Partial<ClusterMark> = JSON.parse(await readFile(file(project), 'utf8'));
    if (fingerprint === undefined || complete === undefined) return undefined;
    return { fingerprint, complete };
  } catch {
    return undefined;
  }
}

/** @throws DevenvError `not_writable`, `disk_full`. */
export async function writeClusterMark(
  project: Pick<Project, 'stateDirectory'>,
  mark: ClusterMark,
): Promise<void> {
  await writeFileAtomic(file(project), `${JSON.stringify(mark)}\n`);
}

export async function forgetClusterMark(project: Pick<Project, 'stateDirectory'>): Promise<void> {
  await rm(file(project), { force: true });
}

function file(project: Pick<Project, 'stateDirectory'>): string {
  return path.join(clusterDirectory(project), 'made.json');
}
