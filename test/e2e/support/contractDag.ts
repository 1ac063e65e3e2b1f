/** What the DAG of `test/fixtures/dags/contract` asks for. */
export const CONTRACT_ENVIRONMENT = {
  AIRFLOW_VAR_GREETING: 'hello',
  AIRFLOW_CONN_WAREHOUSE: '{"conn_type": "http", "host": "db"}',
};

/** How its task instances end on every release. */
export const CONTRACT_STATES = {
  'numbers': 'success',
  'double[0]': 'success',
  'double[1]': 'success',
  'choose': 'success',
  'left': 'success',
  'right': 'skipped',
  'host': 'success',
  'waits': 'success',
  'total': 'success',
};
