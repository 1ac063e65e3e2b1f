import type { StackEvent } from './events.ts';

/**
 * One request to the supervisor: a JSON object and a line break on a connection of its own. The answer is any
 * number of `StackEvent`s and then one `RequestEnd`. Closing the connection ends a subscription; it stops nothing.
 */
export type StackRequest =
  /** The view, once; with the variables of a shell also which of them the services have otherwise. */
  | { readonly kind: 'status'; readonly environment?: Readonly<Record<string, string>> }
  /** The view, the last `history` log lines, then everything that happens. Never ends by itself. */
  | { readonly kind: 'subscribe'; readonly logs: boolean; readonly history?: number }
  /** Starts services that do not run (all when none is named); ends when they are ready or one has failed. */
  | { readonly kind: 'start'; readonly services: readonly string[]; readonly wait: boolean }
  | { readonly kind: 'restart'; readonly services: readonly string[]; readonly wait: boolean }
  /** Stops services; all of them, and the supervisor, when none is named. */
  | { readonly kind: 'stop'; readonly services: readonly string[] }
  /** The last lines, then new ones with `follow`. */
  | {
      readonly kind: 'logs';
      readonly services: readonly string[];
      readonly lines: number;
      readonly follow: boolean;
    }
  /** Parses these files now (all when none is named); one `parsed` event each. */
  | { readonly kind: 'reload'; readonly files: readonly string[] };

export interface RequestEnd {
  readonly event: 'end';
  readonly ok: boolean;
  /** The fields of a DevenvError, when not ok. */
  readonly error?: {
    readonly code: string;
    readonly what: string;
    readonly why?: string;
    readonly next?: readonly string[];
    readonly misuse?: boolean;
  };
}

/** The supervisor of a project, as a client sees it. */
export interface StackConnection {
  /**
   * Sends a request and gives its events; returns after the supervisor's last word.
   *
   * @throws DevenvError what the supervisor answered, or `supervisor_gone` when it ended before its last word.
   */
  request(request: StackRequest, signal?: AbortSignal): AsyncIterable<StackEvent>;
}
