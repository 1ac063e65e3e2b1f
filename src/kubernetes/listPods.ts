import type { V1Pod } from '@kubernetes/client-node';
import type { KubernetesSettings, Project } from '../config/project.ts';
import { connectToCluster } from './api.ts';
import { kubeconfigFile } from './clusterPlace.ts';

export interface PodSummary {
  readonly name: string;
  /** Of the task that has started it; undefined for pods of another origin. */
  readonly task: string | undefined;
  readonly phase: string;
  /** Why it is not further, in the words of the scheduler or the kubelet. */
  readonly reason: string | undefined;
  readonly node: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * The pods in the project's namespace, the newest first.
 *
 * @throws the client's error when the API server does not answer.
 */
export async function listPods(
  project: Pick<Project, 'stateDirectory'>,
  settings: Pick<KubernetesSettings, 'namespace'>,
): Promise<readonly PodSummary[]> {
  const { core } = await connectToCluster(kubeconfigFile(project));
  const { items } = await core.listNamespacedPod({ namespace: settings.namespace });
  return items.map(summarizePod).toSorted((left, right) => right.createdAt - left.createdAt);
}

/** Pure. */
export function summarizePod(pod: V1Pod): PodSummary {
  const labels = pod.metadata?.labels ?? {};
  const { dag_id: dag, task_id: task } = labels;
  return {
    name: pod.metadata?.name ?? '',
    task: dag === undefined || task === undefined ? undefined : `${dag}.${task}`,
    phase: pod.status?.phase ?? 'Unknown',
    reason: reasonOf(pod),
    node: pod.spec?.nodeName,
    createdAt: pod.metadata?.creationTimestamp?.getTime() ?? 0,
  };
}

function reasonOf({ status }: V1Pod): string | undefined {
  const unscheduled = status?.conditions?.find(
    (each) => each.type === 'PodScheduled' && each.status === 'False',
  );
  if (unscheduled !== undefined) return unscheduled.message ?? unscheduled.reason;
  for (const { state } of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const { waiting, terminated } = state ?? {};
    if (waiting !== undefined) return [waiting.reason, waiting.message].filter(Boolean).join(': ');
    if (terminated !== undefined && terminated.exitCode !== 0)
      return [terminated.reason, `exit code ${terminated.exitCode}`, terminated.message]
        .filter(Boolean)
        .join(', ');
  }
  return status?.message;
}
