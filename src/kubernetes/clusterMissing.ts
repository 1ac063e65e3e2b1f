import { DevenvError } from '../errors.ts';

/** For a command that needs the project's cluster where there is none. */
export function clusterMissing(): DevenvError {
  return new DevenvError({
    code: 'cluster_missing',
    what: 'This project has no cluster yet.',
    next: [
      'devenv up makes it, where devenv.yaml has kubernetes: {}',
      'devenv run-dag of a DAG makes it as well',
    ],
  });
}
