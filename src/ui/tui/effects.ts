import type { Readable } from 'node:stream';
import type { AirflowApi } from '../../airflow/restApi/airflowApi.ts';
import { DevenvError } from '../../errors.ts';
import { writeLines, type OutputStream } from '../output.ts';
import { renderError } from '../renderError.ts';
import type { Style } from '../style.ts';
import type { DashboardResult, DashboardActions } from './dashboardActions.ts';
import type { LogReader } from './logBuffer.ts';
import { reading } from './logMoves.ts';
import { NOTICE_MILLISECONDS, type Effect, type Message } from './messages.ts';
import type { DashboardState } from './model.ts';
import { pressedKey, streamLines } from './plainScreen.ts';
import { describeError } from './poller.ts';

/** What effects need of the rest of the dashboard. */
export interface EffectSurroundings {
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly style: Style;
  readonly now: () => number;
  readonly state: () => DashboardState;
  readonly logs: LogReader;
  readonly actions: DashboardActions;
  readonly api: () => AirflowApi | undefined;
  readonly dispatch: (message: Message) => void;
  readonly leave: (result: DashboardResult) => void;
  /** Gives the normal screen to the work and takes it back. */
  readonly suspended: (work: () => Promise<void>) => Promise<void>;
  /** Airflow may answer something else now. */
  readonly lookAgain: () => void;
}

/** Does what a key has asked for. Never rejects: what went wrong is shown. */
export async function runEffect(effect: Effect, around: EffectSurroundings): Promise<void> {
  try {
    await perform(effect, around);
  } catch (error) {
    notify(around, 'error', describeError(error));
  }
}

async function perform(effect: Effect, around: EffectSurroundings): Promise<void> {
  const { actions } = around;
  switch (effect.type) {
    case 'leave':
      return around.leave(effect.result);
    case 'act':
      return await actInBackground(effect, around);
    case 'foreground':
      return await around.suspended(() => inForeground(effect, around));
    case 'stream': {
      const { logs } = around.state();
      const ring = reading(around.logs, logs);
      return await around.suspended(() =>
        streamLines(ring, logs.service === undefined, around, around.style),
      );
    }
    case 'suspend':
      return await around.suspended(async () => await actions.suspend?.());
    case 'trigger':
      return await trigger(effect.dagId, around);
    case 'setPaused': {
      const { dagId, paused } = effect;
      await around.api()?.setPaused(dagId, paused);
      notify(around, 'info', `${dagId} is ${paused ? 'paused' : 'unpaused'}`);
      const dags = await around.api()?.dags();
      if (dags !== undefined) around.dispatch({ type: 'seen', sight: { look: 'dags', dags } });
    }
  }
}

async function actInBackground(
  effect: Effect & { readonly type: 'act' },
  around: EffectSurroundings,
): Promise<void> {
  const { action, argument, doing } = effect;
  const notice = { level: 'info', text: `${doing}…`, until: Infinity } as const;
  around.dispatch({ type: 'notice', notice });
  const { actions } = around;
  if (action === 'openUi') await actions.openUi?.();
  else if (action === 'reload') await actions.reload?.();
  else if (action === 'restart') await actions.restart?.(argument);
  else await actions[action]?.(argument ?? '');
  // Something may have been said meanwhile that is worth more than that it is done.
  if (around.state().notice === notice) notify(around, 'info', `${doing}: done`);
}

async function trigger(dagId: string, around: EffectSurroundings): Promise<void> {
  const run = await around.api()?.trigger(dagId);
  if (run === undefined) return notify(around, 'error', 'The API server does not answer yet');
  const paused = around.state().dags.list?.find((each) => each.dagId === dagId)?.paused ?? false;
  const but = paused ? `; it waits, as ${dagId} is paused (p unpauses)` : '';
  notify(around, 'info', `Triggered ${run.runId}${but}`);
  around.lookAgain();
}

async function inForeground(
  { action, argument }: Effect & { readonly type: 'foreground' },
  { actions, stdin, stdout, style }: EffectSurroundings,
): Promise<void> {
  try {
    await actions[action]?.(argument ?? '');
  } catch (error) {
    const text = error instanceof DevenvError ? renderError(error, style) : describeError(error);
    writeLines(stdout, [text]);
  }
  writeLines(stdout, ['', style.dim('Any key goes back to the dashboard.')]);
  await pressedKey(stdin);
}

function notify(around: EffectSurroundings, level: 'info' | 'error', text: string): void {
  around.dispatch({ type: 'notice', notice: { level, text, until: around.now() + NOTICE_MILLISECONDS } });
}
