import type { AirflowLine } from './support/project.ts';

const NETWORK = 'asks a server on the internet';
const SCHEDULER = 'waits for a DAG run that only a scheduler executes; `airflow dags test` never ends';

/** Example DAGs that are not compared, with the reason. A DAG that is neither here nor recorded fails the test. */
export const LEFT_OUT: Readonly<Record<AirflowLine, Readonly<Record<string, string>>>> = {
  '3.3.2': {
    example_dag_decorator: NETWORK,
    example_external_task: SCHEDULER,
    example_external_task_marker_child: SCHEDULER,
    example_hitl_operator: 'waits for a person to answer in the UI',
    example_retry_policy: NETWORK,
    example_sensors:
      'waits for a file that, depending on the random order of ready tasks, is deleted after it was made',
    tutorial_objectstorage: NETWORK,
  },
  '2.11.2': {
    example_dag_decorator: NETWORK,
    example_external_task_marker_child: SCHEDULER,
    example_sensors:
      'waits for a file that, depending on the random order of ready tasks, is deleted after it was made',
    example_subdag_operator: SCHEDULER,
    tutorial_objectstorage: NETWORK,
  },
};

/** Compared by exit code and run state only, with the reason: task states differ from run to run. */
export const RUN_STATE_ONLY: Readonly<Record<string, string>> = {};

/** Retries that a DAG needs to come to the end it is written for. */
export const RETRIES: Readonly<Record<string, number>> = {
  example_task_state_store: 2,
  example_task_state_store_async: 2,
};

/** Also run by a real `airflow dags test` in the test itself, so that the records stay honest. */
export const COMPARED_LIVE: readonly string[] = [
  'example_nested_branch_dag',
  'example_setup_teardown_taskflow',
  'example_dynamic_task_mapping',
];
