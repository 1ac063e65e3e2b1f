/** What is seen of a service from outside; what it means is the state machine's matter. */
export type ServiceSignal =
  | { readonly type: 'spawned'; readonly pid: number }
  | { readonly type: 'progress'; readonly detail: string }
  | { readonly type: 'ready' }
  | { readonly type: 'completed' }
  /** It runs but gives no sign of life. */
  | { readonly type: 'silent'; readonly detail: string }
  | { readonly type: 'ended'; readonly detail: string };

export type Tell = (signal: ServiceSignal) => void;

/** How one service is started, watched and stopped. It decides nothing: it tells what it sees. */
export interface ServiceDriver {
  /**
   * Starts the service and goes on telling until the signal is aborted or it has ended.
   *
   * @throws DevenvError the reason for which it can't be started; trying again would not help.
   */
  run(tell: Tell, signal: AbortSignal): Promise<void>;
  /** Ends it, gracefully at first. Resolves when nothing of it is left. */
  stop(): Promise<void>;
}
