import { get } from 'node:http';

/** An API that is being started accepts connections before it answers them. */
const ANSWER_MS = 800;

/** Whether Airflow's API answers at this port, for its own health, which needs no permission. */
export async function apiAnswers(port: number, airflowVersion: string): Promise<boolean> {
  const path = airflowVersion.startsWith('2.') ? '/health' : '/api/v2/monitor/health';
  const text = await fetchText(port, path);
  return text?.includes('metadatabase') ?? false;
}

function fetchText(port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: ANSWER_MS, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
