import { AIRFLOW_SERVICES } from '../services/airflowServices.ts';

/** The services that a person may name, whatever shape the stack has. */
export const SERVICE_NAMES: readonly string[] = [
  ...AIRFLOW_SERVICES,
  'postgres',
  'hdfs',
  'kubernetes',
  'preload',
];
