import type { StackView } from './events.ts';
import type { StackConnection } from './protocol.ts';

/**
 * What a stack looks like now.
 *
 * @param environment of a shell: the view then names the variables that services have otherwise.
 * @throws DevenvError `supervisor_gone`; the signal's reason when aborted.
 */
export async function currentView(
  connection: StackConnection,
  signal?: AbortSignal,
  environment?: Readonly<Record<string, string>>,
): Promise<StackView> {
  const request = { kind: 'status', ...(environment === undefined ? {} : { environment }) } as const;
  for await (const event of connection.request(request, signal)) {
    if (event.event === 'stack') return event.stack;
  }
  throw new Error('the supervisor did not say what the stack looks like');
}
