import type { AirflowLine } from './support/project.ts';

/** Example DAGs that are not compared, with the reason. A DAG that is neither here nor recorded fails the test. */
export const LEFT_OUT: Readonly<Record<AirflowLine, Readonly<Record<string, string>>>> = {
  '3.3.2': {
    tutorial_objectstorage: 'reads https://opendata.fmi.fi and writes to S3',
    example_retry_policy: 'asks https://api.example.com',
    example_hitl_operator: 'waits for a person to answer in the UI',
  },
  '2.11.2': {
    tutorial_objectstorage: 'reads https://opendata.fmi.fi and writes to S3',
  },
};

/** Retries that a DAG needs to come to the end it is written for. */
export const RETRIES: Readonly<Record<string, number>> = {
  example_task_state_store: 2,
  example_task_state_store_async: 2,
};
