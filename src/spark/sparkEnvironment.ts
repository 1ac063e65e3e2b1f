/** Where YARN's resource manager has its web interface (`yarn.resourcemanager.webapp.address`). */
export const RESOURCE_MANAGER_PORT = 8088;

/** The connection that Airflow itself makes, where it makes default ones; and whom its hook asks how a job stands. */
function sparkDefault(address: string | undefined): object {
  const manager = { yarn_resourcemanager_webapp_address: `http://${address}:${RESOURCE_MANAGER_PORT}` };
  const extra = { queue: 'root.default', ...(address === undefined ? {} : manager) };
  return { conn_type: 'spark', host: 'yarn', extra };
}

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
    : { AIRFLOW_CONN_SPARK_DEFAULT: JSON.stringify(sparkDefault(addressIn(environment))) };
  return { ...connection, ...environment };
}

/** Of the project's own; an address that projects share says nothing of the port there. */
function addressIn(environment: Readonly<Record<string, string>>): string | undefined {
  const [, address] = (environment['AIRFLOW_DEVENV_HDFS'] ?? '').split(' ');
  return address === '127.0.0.1' ? undefined : address;
}
