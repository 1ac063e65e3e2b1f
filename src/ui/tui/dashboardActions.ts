/** What keys can do beyond looking. A key whose action is left out is not offered. Rejections are shown. */
export interface DashboardActions {
  /** Opens Airflow's UI in a browser. */
  readonly openUi?: () => Promise<void>;
  /** Runs a DAG in the foreground: it has the terminal's primary screen, in its usual mode, until it resolves. */
  readonly runDag?: (fileOrDagId: string) => Promise<void>;
  /** One service, or all. */
  readonly restart?: (service?: string) => Promise<void>;
  readonly start?: (service: string) => Promise<void>;
  readonly stop?: (service: string) => Promise<void>;
  /** Parses all DAG files now. */
  readonly reload?: () => Promise<void>;
  /** In the foreground, as runDag. */
  readonly seed?: () => Promise<void>;
  /** In the foreground, as runDag. */
  readonly unlockDb?: () => Promise<void>;
  /** Ctrl+Z: stops the process group and resolves when it was continued (`src/platform/jobControl.ts`). */
  readonly suspend?: () => Promise<void>;
}

export type DashboardResult = 'leave-running' | 'stop';
