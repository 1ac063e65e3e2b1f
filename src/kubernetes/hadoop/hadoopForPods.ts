import type { KubernetesObject } from '@kubernetes/client-node';
import type Docker from 'dockerode';
import type { KubernetesSettings, Project } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { hadoopUser } from '../../hdfs/configuration/hadoopUser.ts';
import { nameserviceOf } from '../../hdfs/configuration/writeHadoopConfiguration.ts';
import { hadoopConfigMapData, hdfsServiceObjects } from './hadoopObjects.ts';
import { ensureHdfsRelay } from './hdfsRelay.ts';

export interface HadoopForPods {
  /** To be applied. */
  readonly objects: readonly KubernetesObject[];
  /** Keys of config maps that find the HDFS; none in a project without one. */
  readonly configuration: Readonly<Record<string, string>>;
}

/** Lets pods reach the project's HDFS, also one that is started later. */
export async function ensureHadoopForPods(
  context: Pick<Context, 'env' | 'platform'>,
  docker: Docker,
  { hdfs, stateDirectory }: Pick<Project, 'hdfs' | 'stateDirectory'>,
  { nodes, settings }: { readonly nodes: readonly string[]; readonly settings: KubernetesSettings },
): Promise<HadoopForPods> {
  if (hdfs === undefined) return { objects: [], configuration: {} };
  for (const node of nodes)
    await ensureHdfsRelay(docker, node, { stateDirectory, platform: context.platform });
  return {
    objects: hdfsServiceObjects(settings.namespace, await nameserviceOf(hdfs)),
    configuration: await hadoopConfigMapData(hdfs, hadoopUser(context.env, hdfs)),
  };
}
