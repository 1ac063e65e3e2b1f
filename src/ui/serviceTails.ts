import type { StackLogLine } from '../stack/events.ts';
import { printableLines } from './textWidth.ts';

const KEPT_LINES = 20;

/** The end of each service's log: what a person needs to see when it has failed. */
export interface ServiceTails {
  add(line: StackLogLine): void;
  /** The last lines, oldest first, and forgets them: they are shown once. */
  take(service: string): readonly string[];
}

export function createServiceTails(color: boolean): ServiceTails {
  const tails = new Map<string, string[]>();
  return {
    add({ service, text }) {
      const lines = tails.get(service) ?? [];
      lines.push(...printableLines(text, color));
      tails.set(service, lines.slice(-KEPT_LINES));
    },
    take(service) {
      const lines = tails.get(service) ?? [];
      tails.delete(service);
      return lines;
    },
  };
}
