/** The connection that Airflow itself makes, where it makes default ones. */
const SPARK_DEFAULT = { conn_type: 'spark', host: 'yarn', extra: { queue: 'root.default' } };

/**
 * Adds what tasks need for Spark to an environment that has the project's programs first on its PATH already
 * (`hadoopEnvironment` puts them there). Pure.
 *
 * @param ownConnections ids that the project defines by itself: an environment variable would hide them.
 */
export function sparkEnvironment(
  environment: Readonly<Record<string, string>>,
  ownConnections: ReadonlySet<string>,
): Record<string, string> {
  const connection = ownConnections.has('spark_default')
    ? {}
    : { AIRFLOW_CONN_SPARK_DEFAULT: JSON.stringify(SPARK_DEFAULT) };
  return { ...connection, ...environment };
}
