import type { PeerAnswer } from './support/airflowPeer.ts';
import type { AirflowLine } from './support/project.ts';

const NETWORK = 'asks a server on the internet';
const SCHEDULER = 'waits for a DAG run that only a scheduler executes; `airflow dags test` never ends';
const ORDER =
  'waits for a file that, depending on the random order of ready tasks, is deleted after it was made';

const PACKAGES = 'installs packages from PyPI into a virtual environment';

/** Example DAGs that are not compared, with the reason. A DAG that is neither here nor recorded fails the test. */
export const LEFT_OUT: Readonly<Record<AirflowLine, Readonly<Record<string, string>>>> = {
  '3.3.2': {
    example_branch_operator: PACKAGES,
    example_branch_python_operator_decorator: PACKAGES,
    example_dag_decorator: NETWORK,
    example_external_task: SCHEDULER,
    example_external_task_marker_child: SCHEDULER,
    example_hitl_operator: 'waits for a person to answer in the UI',
    example_python_decorator: PACKAGES,
    example_python_operator: PACKAGES,
    example_retry_policy: NETWORK,
    example_sensors: ORDER,
    tutorial_objectstorage: NETWORK,
    tutorial_taskflow_api_virtualenv: PACKAGES,
  },
  '2.11.2': {
    example_dag_decorator: NETWORK,
    example_external_task_marker_child: SCHEDULER,
    example_sensors: ORDER,
    example_subdag_operator: SCHEDULER,
    tutorial_objectstorage: NETWORK,
  },
};

const TIME = 'branches by the time of the run';

/** Which task has which state differs from run to run, with the reason: what they have together is compared. */
export const VARYING: Readonly<Record<string, string>> = {
  example_branch_datetime_operator: TIME,
  example_branch_datetime_operator_2: TIME,
  example_branch_datetime_operator_3: TIME,
  example_branch_dop_operator_v3: TIME,
};

/** As above, and how many tasks have which state differs too: only the tasks and the end of the run are compared. */
export const VARYING_IN_NUMBER: Readonly<Record<string, string>> = {
  example_weekday_branch_operator: 'takes one branch or two, by the day of the week',
};

/** What ends otherwise here, with the reason. */
export const DIFFERING: Readonly<
  Record<AirflowLine, Readonly<Record<string, { readonly why: string; readonly answer: PeerAnswer }>>>
> = {
  '3.3.2': {
    read_asset_event: {
      why: 'two files name the same URI differently; what the file of the run says is active, so its events can be read',
      answer: { exit: 0, runState: 'success', tasks: { read_asset_event: 'success' } },
    },
  },
  '2.11.2': {},
};

/**
 * They look at what the other DAGs stored, and end as recorded only when all of those were there before. The first
 * makes the same asset as its twin: two at the same moment is one too many for Airflow.
 */
export const AFTER_THE_OTHERS: ReadonlySet<string> = new Set([
  'asset_alias_example_alias_producer_with_no_taskflow',
  'read_asset_event',
  'read_asset_event_from_classic',
  'read_dataset_event',
  'read_dataset_event_from_classic',
]);

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
