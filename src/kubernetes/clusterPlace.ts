import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { choosePort } from '../platform/ports.ts';

/** Where the project's cluster is, known before it exists. */
export interface ClusterPlace {
  /** Of the cluster; its nodes are named after it. */
  readonly name: string;
  /** Of its API server, on the loopback address. */
  readonly port: number;
}

/** Folder of everything that is kept of the cluster on this side. */
export function clusterDirectory(project: Pick<Project, 'stateDirectory'>): string {
  return path.join(project.stateDirectory, 'kubernetes');
}

/** Replaces the person's own for everything that runs the project's Airflow. Mode 0600. */
export function kubeconfigFile(project: Pick<Project, 'stateDirectory'>): string {
  return path.join(clusterDirectory(project), 'kubeconfig');
}

/** As a pod has it under `/var/run/secrets/kubernetes.io/serviceaccount`: token, ca.crt, namespace. Mode 0700. */
export function serviceAccountDirectory(project: Pick<Project, 'stateDirectory'>): string {
  return path.join(clusterDirectory(project), 'serviceaccount');
}

/** A person finds the files of each claim in a folder of its name. */
export function volumesDirectory(project: Pick<Project, 'stateDirectory'>): string {
  return path.join(project.stateDirectory, 'volumes');
}

/**
 * The place of the project's cluster: remembered, or chosen now. The port stays for as long as the project keeps its
 * `.devenv`, since a cluster keeps the port that it was made with.
 *
 * @throws DevenvError `not_writable`, `disk_full`.
 */
export async function settleClusterPlace(
  project: Pick<Project, 'root' | 'stateDirectory'>,
): Promise<ClusterPlace> {
  const remembered = await rememberedClusterPlace(project);
  if (remembered !== undefined) return remembered;
  const { port } = await choosePort(preferredPort(project.root));
  const place = { name: clusterName(project.root), port };
  await writeFileAtomic(placeFile(project), `${JSON.stringify({ version: 1, ...place })}\n`);
  return place;
}

/**
 * @returns undefined when the project never had a cluster, also when it is the copy of one that has: then the cluster is
 * the other project's.
 */
export async function rememberedClusterPlace(
  project: Pick<Project, 'stateDirectory'>,
): Promise<ClusterPlace | undefined> {
  try {
    const kept: Partial<ClusterPlace> & { version?: number } = JSON.parse(
      await readFile(placeFile(project), 'utf8'),
    );
    const { version, name, port } = kept;
    if (version !== 1 || typeof name !== 'string' || typeof port !== 'number') return undefined;
    return name === clusterName(path.dirname(project.stateDirectory)) ? { name, port } : undefined;
  } catch {
    // Missing, or of another version: it is settled again.
    return undefined;
  }
}

/** Kubernetes' own port for its API, and those above it. */
const FIRST_PORT = 6443;
const PORTS = 1000;

/**
 * A stopped cluster keeps its port without listening on it, so looking at what is free would give two projects the
 * same one.
 */
export function preferredPort(root: string): number {
  return FIRST_PORT + (parseInt(digestOf(root).slice(0, 6), 16) % PORTS);
}

function digestOf(root: string): string {
  return createHash('sha256').update(root).digest('hex');
}

/** A new cluster may take another port: the old one may be what it could not be made or started for. */
export async function forgetClusterPlace(project: Pick<Project, 'stateDirectory'>): Promise<void> {
  await rm(placeFile(project), { force: true });
}

function placeFile(project: Pick<Project, 'stateDirectory'>): string {
  return path.join(clusterDirectory(project), 'cluster.json');
}

/** Unique on the machine, and short enough for a host name with `-control-plane` behind it. */
export function clusterName(root: string): string {
  const readable = path
    .basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 24);
  return ['devenv', readable, digestOf(root).slice(0, 8)].filter((part) => part !== '').join('-');
}
