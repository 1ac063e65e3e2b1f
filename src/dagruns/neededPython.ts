import type { Environment } from '../airflow/environment.ts';
import { neededPython } from '../airflow/neededPython.ts';
import { minorOf } from '../airflow/pythonProbe.ts';
import type { Context } from '../context.ts';
import type { RunEvent } from './events.ts';

/** Of a file that is not imported because its syntax is newer than the environment's Python: what to write where. */
export async function withNeededPython(
  context: Context,
  environment: Environment,
  event: RunEvent,
): Promise<RunEvent> {
  if (event.event !== 'error' || event.code !== 'import_error') return event;
  const { type, file, line } = event.detail ?? {};
  if (type !== 'SyntaxError' || file === undefined || line === undefined) return event;
  const needed = await neededPython(context, environment, file, line);
  if (needed === undefined) return event;
  const have = minorOf(environment.pythonVersion);
  const why = `${event.why ?? ''}\nThis is Python ${needed}; the environment has Python ${have}.`.trim();
  const next = `Write to devenv.yaml, below airflow: python: "${needed}"`;
  return { ...event, why, next: [next, ...(event.next ?? [])] };
}
