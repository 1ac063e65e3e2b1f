import { AIRFLOW_IMAGE, AIRFLOW_REQUIREMENT, type PinFinder, pinsByLine } from './pin.ts';

/** Compose files: `image: apache/airflow:2.9.1`, also as the default of a variable, and what they install on top. */
export const composePins: PinFinder = {
  reads: (file) => /(?:^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$/.test(file),
  find: (text) => pinsByLine(text, [AIRFLOW_IMAGE, AIRFLOW_REQUIREMENT]),
};
