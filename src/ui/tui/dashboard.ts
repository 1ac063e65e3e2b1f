import type { Readable } from 'node:stream';
import type { AirflowApi } from '../../airflow/restApi/airflowApi.ts';
import type { OnInterrupt } from '../../context.ts';
import type { StackEvent } from '../../stack/events.ts';
import type { StackConnection } from '../../stack/protocol.ts';
import type { OutputStream } from '../output.ts';
import { canRedraw, createStyle, useColor } from '../style.ts';
import { runEffect, type EffectSurroundings } from './effects.ts';
import type { OpenScreen } from './inkScreen.ts';
import { createLogBuffer } from './logBuffer.ts';
import { wantedLook } from './looks.ts';
import type { Message } from './messages.ts';
import { initialState, type Size } from './model.ts';
import { createPainter } from './painter.ts';
import { createPoller } from './poller.ts';
import { followStack } from './subscription.ts';
import { update } from './update.ts';
import type { DashboardActions, DashboardResult } from './dashboardActions.ts';

export interface DashboardOptions {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Asked again, every few seconds, after the supervisor has gone. Undefined while there is none. */
  readonly connect: () => StackConnection | undefined | Promise<StackConnection | undefined>;
  /** Undefined while there is no URL. Asked anew for every look at the API. */
  readonly api: () => AirflowApi | undefined;
  readonly actions: DashboardActions;
  /** SIGINT is a Ctrl+C; SIGTERM and SIGHUP leave the stack running. */
  readonly onInterrupt?: OnInterrupt;
}

/** Whether there can be a dashboard: a terminal on both sides that can redraw, outside CI. */
export function canOpenDashboard({
  stdin,
  stdout,
  env,
}: Pick<DashboardOptions, 'stdin' | 'stdout' | 'env'>): boolean {
  return stdin.isTTY === true && canRedraw(stdout, env) && env['INK_SCREEN_READER'] !== 'true';
}

/**
 * Shows the stack on the alternate screen until the person leaves, and says what should become of the stack. The
 * terminal is as it was before when the promise settles.
 *
 * @param tests another screen, and milliseconds until a supervisor that is gone is looked for again.
 */
export async function openDashboard(
  options: DashboardOptions,
  tests: { readonly open?: OpenScreen; readonly retryMs?: number | undefined } = {},
): Promise<DashboardResult> {
  const openScreen = tests.open ?? (await import('./inkScreen.ts')).openInkScreen;
  const { stdin, stdout, now, actions, api } = options;
  const style = createStyle(useColor(stdout, options.env));
  const logs = createLogBuffer(style.color);
  const ended = new AbortController();
  const left = Promise.withResolvers<DashboardResult>();
  let state = initialState(sizeOf(stdout), offeredActions(actions));
  let supervisor: number | undefined;
  /** While the terminal is somebody else's, nothing is drawn, asked or interrupted here. */
  let away = false;

  const poller = createPoller({ api, see: (sight) => dispatch({ type: 'seen', sight }) });
  const painter = createPainter({
    ...{ logs, style, now },
    state: () => state,
    draw: (lines) => screen.draw(lines),
    onError: left.reject,
  });
  function dispatch(message: Message): void {
    const outcome = update(state, message, { logs, clock: now() });
    ({ state } = outcome);
    if (!away) poller.want(wantedLook(state));
    if (message.type === 'key' || message.type === 'resized') painter.now();
    else painter.later();
    if (outcome.effect !== undefined) void runEffect(outcome.effect, around);
  }
  function onEvent(event: StackEvent): void {
    if (event.event === 'stack') {
      // Another supervisor counts its lines from the beginning.
      if (supervisor !== undefined && supervisor !== event.stack.pid) logs.startOver();
      supervisor = event.stack.pid;
    }
    if (event.event === 'log') logs.add(event);
    dispatch({ type: 'stack', event });
  }
  async function suspended(work: () => Promise<void>): Promise<void> {
    away = true;
    painter.pause();
    poller.want(undefined);
    try {
      await screen.suspend(work);
    } finally {
      away = false;
      dispatch({ type: 'resized', size: sizeOf(stdout) });
      painter.resume();
    }
  }
  const around: EffectSurroundings = {
    ...{ stdin, stdout, style, now, logs, actions, api, dispatch, suspended },
    state: () => state,
    leave: left.resolve,
    lookAgain: () => poller.again(),
  };

  const screen = openScreen({
    stdin,
    stdout,
    onKey: (key) => dispatch({ type: 'key', key }),
    onPaste: (text) => dispatch({ type: 'paste', text }),
    onResize: (size) => dispatch({ type: 'resized', size }),
  });
  const stopListening = options.onInterrupt?.((signal) => {
    if (signal === 'SIGINT') {
      if (!away) dispatch({ type: 'key', key: 'ctrl+c' });
    } else left.resolve('leave-running');
  });
  painter.now();
  const following = followStack({
    connect: options.connect,
    onEvent,
    onLink: (link) => dispatch({ type: 'link', link }),
    signal: ended.signal,
    retryMs: tests.retryMs,
  });
  try {
    return await Promise.race([left.promise, screen.broken, following.then(() => left.promise)]);
  } finally {
    stopListening?.();
    ended.abort();
    painter.pause();
    poller.want(undefined);
    await screen.close();
  }
}

function offeredActions(actions: DashboardActions): ReadonlySet<keyof DashboardActions> {
  const names = Object.keys(actions) as (keyof DashboardActions)[];
  return new Set(names.filter((name) => actions[name] !== undefined));
}

function sizeOf({ columns, rows }: OutputStream): Size {
  return { columns: columns ?? 80, rows: rows ?? 24 };
}
