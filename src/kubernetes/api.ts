import { readFile } from 'node:fs/promises';
import type { CoreV1Api, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';

export interface ClusterApi {
  readonly core: CoreV1Api;
  readonly objects: KubernetesObjectApi;
  readonly config: KubeConfig;
}

/** The API of the cluster that a kubeconfig names. Loaded on first use: the library is large. */
export async function connectToCluster(kubeconfig: string): Promise<ClusterApi> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  config.loadFromString(await readFile(kubeconfig, 'utf8'));
  return {
    config,
    core: config.makeApiClient(client.CoreV1Api),
    objects: client.KubernetesObjectApi.makeApiClient(config),
  };
}
