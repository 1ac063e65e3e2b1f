import type { AirflowApi } from './airflowApi.ts';
import { airflow2Api } from './airflow2Api.ts';
import { airflow3Api } from './airflow3Api.ts';
import { httpClient, type HttpClientOptions } from './httpClient.ts';

/**
 * A client of a running Airflow. Asks nothing yet.
 *
 * @param options.airflowVersion decides which of the two APIs is spoken.
 */
export function connectToAirflow(
  options: HttpClientOptions & { readonly airflowVersion: string },
): AirflowApi {
  const client = httpClient(options);
  return options.airflowVersion.startsWith('2.') ? airflow2Api(client) : airflow3Api(client);
}
