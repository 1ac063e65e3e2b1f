import type { StackView } from './events.ts';
import type { StackConnection } from './protocol.ts';

/**
 * What a stack looks like now.
 *
 * @throws DevenvError `supervisor_gone`; the signal's reason when aborted.
 */
export async function currentView(connection: StackConnection, signal?: AbortSignal): Promise<StackView> {
  for await (const event of connection.request({ kind: 'status' }, signal)) {
    if (event.event === 'stack') return event.stack;
  }
  throw new Error('the supervisor did not say what the stack looks like');
}
