/** What is told while the cluster is prepared. */
export interface ClusterReport {
  readonly progress: (detail: string) => void;
  /** What pods lack, and the rest of the cluster does not. */
  readonly warn: (text: string) => void;
}
