import type { KubernetesObject } from '@kubernetes/client-node';
import { DevenvError } from '../../errors.ts';
import type { ClusterApi } from '../api.ts';

/** Fields that we have applied are ours; what another program has set beside them stays. */
const FIELD_MANAGER = 'airflow-devenv';

/**
 * Applies the objects one after the other, by server-side apply: what is there already costs a request.
 *
 * @throws DevenvError `cluster_object_refused` with the API server's words.
 */
export async function applyObjects(api: ClusterApi, objects: readonly KubernetesObject[]): Promise<void> {
  const { PatchStrategy } = await import('@kubernetes/client-node');
  for (const each of objects) {
    try {
      await api.objects.patch(each, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
    } catch (cause) {
      throw refused(each, cause);
    }
  }
}

function refused(each: KubernetesObject, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'cluster_object_refused',
    what: `The cluster refused ${each.kind} ${each.metadata?.name ?? ''}.`,
    why: apiMessage(cause),
    next: [
      'Correct kubernetes in devenv.yaml',
      'A claim or a volume can only grow: devenv down --volumes makes the cluster new, with the files kept',
    ],
    cause,
  });
}

/** The API server says why in the `message` of a Status object. */
export function apiMessage(error: unknown): string {
  const body = error instanceof Error && 'body' in error ? error.body : undefined;
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message);
  } catch {
    // No JSON: what the library says is all there is.
  }
  return error instanceof Error ? error.message : String(error);
}
