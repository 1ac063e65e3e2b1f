import { setTimeout as sleep } from 'node:timers/promises';
import type { StackEvent } from '../../stack/events.ts';
import type { StackConnection } from '../../stack/protocol.ts';
import type { DashboardState } from './model.ts';

/** Of the supervisor's memory, when the dashboard opens. */
const HISTORY_LINES = 3000;
const RETRY_MILLISECONDS = 2000;

export interface SubscriptionOptions {
  readonly connect: () => StackConnection | undefined | Promise<StackConnection | undefined>;
  readonly onEvent: (event: StackEvent) => void;
  readonly onLink: (link: DashboardState['link']) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** For tests: milliseconds until it is tried again. */
  readonly retryMs?: number | undefined;
}

/** Follows the stack until it is told to end; when the supervisor is gone, it waits for another one. */
export async function followStack(options: SubscriptionOptions): Promise<void> {
  const { signal } = options;
  while (!signal.aborted) {
    // Why it is gone does not matter here: the screen says that it is, and the next try tells.
    await followOnce(options).catch(() => undefined);
    if (signal.aborted) return;
    options.onLink('lost');
    await sleep(options.retryMs ?? RETRY_MILLISECONDS, undefined, { signal, ref: false }).catch(
      () => undefined,
    );
  }
}

async function followOnce({ connect, onEvent, onLink, signal }: SubscriptionOptions): Promise<void> {
  const connection = await connect();
  if (connection === undefined) return;
  const request = { kind: 'subscribe', logs: true, history: HISTORY_LINES } as const;
  let connected = false;
  for await (const event of connection.request(request, signal)) {
    if (signal.aborted) return;
    if (!connected) onLink('connected');
    connected = true;
    onEvent(event);
  }
}
