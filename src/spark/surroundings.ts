import type { Machine } from './localResources.ts';

/** Where a job is planned to run. Paths are absolute; the run's folder need not exist yet. */
export interface Surroundings {
  /** Relative paths of the command line count from here. */
  readonly callerDirectory: string;
  /** Of this one run. */
  readonly runDirectory: string;
  /** The caller's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly machine: Machine;
  /** E.g. `3.5.5`. */
  readonly sparkVersion: string;
  /** `spark.master` of `devenv.yaml`. */
  readonly master?: string | undefined;
  /** `spark.memory` of `devenv.yaml`, as Spark writes it: `4g`. */
  readonly memory?: string | undefined;
  /** `spark.conf` of `devenv.yaml`: the last word. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of the project, so that tables outlive a job. */
  readonly warehouseDirectory: string;
  readonly metastoreDirectory: string;
  /** The Python that has Spark's packages. */
  readonly defaultPython: string;
  readonly programExists: (file: string) => boolean;
  /** The files that `/data/*.csv` stands for, sorted. */
  readonly expand: (pattern: string) => readonly string[];
}

/** What was made different from what was asked. */
export interface Change {
  readonly setting: string;
  readonly from: string | undefined;
  /** `undefined`: dropped. */
  readonly to: string | undefined;
  readonly why: string;
}
