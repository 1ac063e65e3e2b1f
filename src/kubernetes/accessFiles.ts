import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import type { KubernetesSettings, Project } from '../config/project.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import type { ClusterApi } from './api.ts';
import { serviceAccountDirectory } from './clusterPlace.ts';
import { tokenSecretName } from './objects/projectObjects.ts';

const LOOK_MS = 100;
const LONGEST_MS = 20_000;

/**
 * Writes what a pod of the service account has under `/var/run/secrets/kubernetes.io/serviceaccount`, for operators
 * that say `in_cluster=True`. Mode 0600 each.
 *
 * @throws DevenvError `cluster_token_missing`, `not_writable`, `disk_full`.
 */
export async function writeAccessFiles(
  api: ClusterApi,
  project: Pick<Project, 'stateDirectory'>,
  settings: KubernetesSettings,
  signal: AbortSignal,
): Promise<void> {
  const files = await accountFiles(api, settings, signal);
  const folder = serviceAccountDirectory(project);
  for (const name of ACCOUNT_FILES) {
    await writeFileAtomic(path.join(folder, name), Buffer.from(files[name] ?? '', 'base64'));
  }
}

const ACCOUNT_FILES = ['token', 'ca.crt', 'namespace'] as const;

/** The token controller fills the secret within a second of its making. */
async function accountFiles(
  api: ClusterApi,
  { namespace, serviceAccount }: KubernetesSettings,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const name = tokenSecretName(serviceAccount);
  for (let waited = 0; waited < LONGEST_MS; waited += LOOK_MS) {
    const { data = {} } = await api.core.readNamespacedSecret({ name, namespace });
    if (ACCOUNT_FILES.every((file) => data[file] !== undefined)) return data;
    await sleep(LOOK_MS, undefined, { signal });
  }
  throw new DevenvError({
    code: 'cluster_token_missing',
    what: `The cluster has made no token for the service account ${serviceAccount}.`,
    next: ['devenv down --volumes, then devenv up makes the cluster new'],
  });
}
