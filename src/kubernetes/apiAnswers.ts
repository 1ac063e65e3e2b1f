import { request } from 'node:https';

const ANSWER_MS = 2_000;

/**
 * Whether the API server at a port of this machine is ready. A node that is paused takes connections and says nothing;
 * an operator would wait for ever.
 */
export function apiAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // Nothing is told to it: whose certificate it has does not matter.
    const options = { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false };
    const asked = request(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.setTimeout(ANSWER_MS, () => asked.destroy());
    asked.once('error', () => resolve(false)).once('close', () => resolve(false));
    asked.end();
  });
}
