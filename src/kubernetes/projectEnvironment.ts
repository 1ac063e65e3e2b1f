import type { Project } from '../config/project.ts';
import { clusterDirectory, kubeconfigFile, settleClusterPlace } from './clusterPlace.ts';

/**
 * The environment of everything that runs the project's Airflow, with what finds its cluster. The cluster need not
 * run: its place is settled before. A KUBECONFIG of the person's own never gets there: tasks would work on the
 * clusters that it names.
 *
 * @throws DevenvError `not_writable`, `disk_full`.
 */
export async function withKubernetes(
  project: Pick<Project, 'root' | 'stateDirectory'>,
  environment: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const place = await settleClusterPlace(project);
  return {
    ...environment,
    KUBECONFIG: kubeconfigFile(project),
    // Read by our Python side; see airflow_devenv/kubernetes.
    AIRFLOW_DEVENV_KUBERNETES: clusterDirectory(project),
    AIRFLOW_DEVENV_KUBERNETES_HOST: '127.0.0.1',
    AIRFLOW_DEVENV_KUBERNETES_PORT: String(place.port),
  };
}
