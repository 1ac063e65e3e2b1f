import { formatDuration } from './duration.ts';
import type { StackModel } from './stackModel.ts';
import type { Style } from './style.ts';

/**
 * What came of starting or stopping a stack, for stdout. Empty when it failed: the error says that.
 *
 * @param milliseconds how long it took.
 */
export function upReport({ stack }: StackModel, milliseconds: number, style: Style): readonly string[] {
  const time = style.dim(`(${formatDuration(milliseconds)})`);
  switch (stack?.status) {
    case 'ready':
    case 'degraded': {
      const trouble = stack.services.filter(({ status }) => status === 'failed' || status === 'unhealthy');
      const names = trouble.map((each) => `${each.name} ${each.status}`).join(', ');
      const but = names === '' ? '' : style.yellow(`, but ${names}`);
      return [
        `${style.bold(`Airflow ${stack.airflowVersion} is ready`)}${but} ${time}`,
        ...(stack.url === undefined ? [] : [`${style.cyan(stack.url)}  (devenv open)`]),
      ];
    }
    case 'stopped':
      return [`Stopped ${time}`];
    default:
      return [];
  }
}
