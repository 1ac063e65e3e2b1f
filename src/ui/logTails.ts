import type { TaskInstance } from './runModel.ts';
import { instanceName } from './runModel.ts';
import type { LogEvent } from './logLines.ts';

const KEPT_LINES = 10;

/** The end of each task's log, and how far up the screen it stands. */
export interface LogTails {
  /** Takes note of lines as they are printed. */
  add(event: LogEvent, lines: readonly string[]): void;
  /** Counts lines that were printed and belong to no task's log. */
  skip(count: number): void;
  /** The last lines of a log, oldest first; empty when they were printed less than `within` lines ago. */
  tail(instance: TaskInstance, within: number): readonly string[];
}

export function createLogTails(): LogTails {
  const tails = new Map<string, { lines: string[]; printedAt: number }>();
  let printed = 0;
  return {
    add(event, lines) {
      printed += lines.length;
      if (event.task_id === undefined) return;
      const name = instanceName(event.task_id, event.map_index ?? -1);
      const before = tails.get(name)?.lines ?? [];
      tails.set(name, { lines: [...before, ...lines].slice(-KEPT_LINES), printedAt: printed });
    },
    skip(count) {
      printed += count;
    },
    tail(instance, within) {
      const known = tails.get(instanceName(instance.taskId, instance.mapIndex));
      return known === undefined || printed - known.printedAt < within ? [] : known.lines;
    },
  };
}
