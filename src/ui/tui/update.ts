import type { StackEvent } from '../../stack/events.ts';
import { reduceStack } from '../stackModel.ts';
import { act } from './actions.ts';
import { bindingOf } from './keys.ts';
import { NOTICE_MILLISECONDS, type Message, type Outcome, type Surroundings } from './messages.ts';
import { contextOf, type DashboardState } from './model.ts';
import { withSight } from './sights.ts';
import { typeText } from './typing.ts';

/** The one place that changes what is shown. Pure, but for the lines it reads; gives the same state when nothing changed. */
export function update(state: DashboardState, message: Message, surroundings: Surroundings): Outcome {
  switch (message.type) {
    case 'stack':
      return { state: withEvent(state, message.event, surroundings.clock) };
    case 'link':
      return { state: state.link === message.link ? state : { ...state, link: message.link } };
    case 'key':
      return pressKey(state, message.key, surroundings);
    case 'paste':
      return { state: typeText(state, message.text.replaceAll(/[\r\n\t]+/g, ' ')) };
    case 'resized':
      return { state: { ...state, size: message.size } };
    case 'seen':
      return { state: withSight(state, message.sight) };
    case 'notice':
      return { state: { ...state, notice: message.notice } };
  }
}

function pressKey(state: DashboardState, key: string, surroundings: Surroundings): Outcome {
  const binding = bindingOf(contextOf(state), key, state.offered);
  if (binding !== undefined) return act(state, binding.action, surroundings);
  return { state: Array.from(key).length === 1 ? typeText(state, key) : state };
}

function withEvent(state: DashboardState, event: StackEvent, clock: number): DashboardState {
  const model = reduceStack(state.model, event);
  const next = model === state.model ? state : { ...state, model };
  const notice = noticeOf(event);
  if (notice === undefined) return next;
  return { ...next, notice: { ...notice, until: clock + NOTICE_MILLISECONDS } };
}

function noticeOf(
  event: StackEvent,
): { readonly level: 'info' | 'error'; readonly text: string } | undefined {
  if (event.event === 'progress') {
    const { progress } = event;
    if (progress.type === 'message') {
      return { level: progress.level === 'warning' ? 'error' : 'info', text: progress.text };
    }
    return progress.state === 'failed' ? { level: 'error', text: `${progress.text} failed` } : undefined;
  }
  if (event.event !== 'parsed') return undefined;
  const { file, dagIds, importErrors, changed } = event.report;
  const name = file.split('/').at(-1) ?? file;
  const [error] = importErrors;
  if (error !== undefined)
    return { level: 'error', text: `${name}: ${error.message.split('\n').at(-1) ?? ''}` };
  return changed ? { level: 'info', text: `${name} parsed: ${dagIds.join(', ') || 'no DAGs'}` } : undefined;
}
