import { formatDuration } from './duration.ts';
import type { StackView } from '../stack/events.ts';
import type { StackModel } from './stackModel.ts';
import type { Style } from './style.ts';

/**
 * What came of starting or stopping a stack, for stdout. Empty when it failed: the error says that.
 *
 * @param milliseconds how long it took.
 */
export function upReport({ stack }: StackModel, milliseconds: number, style: Style): readonly string[] {
  if (stack === undefined) return [];
  const time = style.dim(`(${formatDuration(milliseconds)})`);
  switch (outcome(stack)) {
    case 'ready':
    case 'degraded': {
      const trouble = stack.services.filter(({ status }) => status === 'failed' || status === 'unhealthy');
      const names = trouble.map((each) => `${each.name} ${each.status}`).join(', ');
      const but = names === '' ? '' : style.yellow(`, but ${names}`);
      return [
        `${style.bold(`Airflow ${stack.airflowVersion} is ready`)}${but} ${time}`,
        ...(stack.url === undefined ? [] : [`${style.cyan(stack.uiUrl ?? stack.url)}  (devenv open)`]),
      ];
    }
    case 'stopped':
      return [`Stopped ${time}`];
    default:
      return [];
  }
}

/** A supervisor that ends with its stack may be gone before it has said so. */
function outcome({ status, services }: StackView): StackView['status'] {
  const processes = services.filter(({ kind }) => kind === 'process');
  return processes.length > 0 && processes.every((each) => each.status === 'stopped') ? 'stopped' : status;
}
