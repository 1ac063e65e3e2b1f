import type { SourceLocation } from '../errors.ts';
import type { FoundVersion } from './pins/findPins.ts';

/** What a person works on: one or several repositories of DAGs, and the Airflow they run on. */
export interface Project {
  /** Real path of the folder of `devenv.yaml`, or what looking around found (see `findProjectRoot`). */
  readonly root: string;
  /** Absolute; `undefined` when nothing is configured. */
  readonly configFile: string | undefined;
  /** `<root>/.devenv`; it may not exist yet. */
  readonly stateDirectory: string;
  readonly airflow: AirflowSettings;
  readonly repositories: readonly Repository[];
  readonly database: 'postgres' | 'sqlite';
  /** Files of variables, connections, pools and secrets, merged in this order; `undefined` when nothing is configured. */
  readonly seed: readonly SeedFile[] | undefined;
  /** What `up`, and the first run with a database, do with what the files say. */
  readonly seedOnUp: SeedOnUp;
  /** What DAGs need to be seeded with. */
  readonly required: Requirements;
  /** `undefined` when `devenv.yaml` asks for none; `spark` and `artifacts` need one, too. */
  readonly hdfs?: HdfsSettings;
  /** `undefined` when `devenv.yaml` says nothing about Spark. */
  readonly spark?: SparkSettings;
  readonly artifacts?: ArtifactSettings;
  /** `undefined` when `devenv.yaml` asks for no cluster. */
  readonly kubernetes?: KubernetesSettings;
}

export interface HdfsSettings {
  /** The host in `hdfs://analytics-hadoop/`; `undefined` leaves it to the files of `conf`. */
  readonly nameservice: string | undefined;
  /** Who tasks are; `undefined` for who runs devenv. */
  readonly user: string | undefined;
  /** Absolute files of Hadoop's configuration, and folders of them; what a later one says wins. */
  readonly conf: readonly string[];
  readonly seed: readonly HdfsSeed[];
}

export interface HdfsSeed {
  /** Absolute path in HDFS. */
  readonly target: string;
  /** Absolute local file or folder. */
  readonly source: string;
}

export interface SparkSettings {
  /** Spark to install, e.g. `3.5.5`; `undefined` to use one that is there. */
  readonly version: string | undefined;
  /** `3.11` or `3.11.4`; `undefined` leaves the choice to the installer. */
  readonly python: string | undefined;
  /** Absolute requirements files of its environment. */
  readonly requirements: readonly string[];
  /** What takes the place of YARN; `undefined` for `local[N]`. */
  readonly master: string | undefined;
  /** Heap of each job as Spark writes it, `4g`. */
  readonly memory: string | undefined;
  /** Settings of every job. */
  readonly conf: Readonly<Record<string, string>>;
  /** Absolute; production's `spark-defaults.conf`. */
  readonly defaults: string | undefined;
}

export interface ArtifactSettings {
  /** Absolute; the file that declares the artifacts. It may not exist: only who brings them needs it. */
  readonly file: string;
  /** Absolute folder of files that take the place of artifacts; it may not exist. */
  readonly overrides: string;
  /** Addresses of Maven repositories, in order; empty for the public one. */
  readonly maven: readonly string[];
}

/** `missing`: what is not there yet, and what the files have changed since it was stored. */
export type SeedOnUp = 'always' | 'missing' | 'never';

export interface KubernetesSettings {
  /** Node image; `undefined` for that of the kind program's release. */
  readonly image: string | undefined;
  readonly namespace: string;
  /** Of tasks and, where they name it, of pods. */
  readonly serviceAccount: string;
  /** At least one; the first one is the control plane, too. */
  readonly nodes: readonly KubernetesNode[];
  readonly volumes: readonly KubernetesVolume[];
  readonly priorityClasses: readonly string[];
  /** Without rights; `serviceAccount` is not among them. */
  readonly serviceAccounts: readonly string[];
  /** Of the namespace; empty for none. `requests.cpu` -> `8`. */
  readonly quota: Readonly<Record<string, string>>;
  readonly configMaps: readonly KubernetesConfigMap[];
  readonly images: readonly KubernetesImage[];
}

export interface KubernetesConfigMap {
  readonly name: string;
  /** It holds what finds the project's HDFS, and nothing else. */
  readonly isHadoop: boolean;
  readonly data: Readonly<Record<string, string>>;
  /** Absolute files, and folders of them. */
  readonly files: readonly string[];
}

export interface KubernetesImage {
  /** As pods name it. */
  readonly name: string;
  /** An image of the engine, or what one is built from. */
  readonly source: string | ImageBuild;
}

export interface ImageBuild {
  /** Absolute. */
  readonly context: string;
  /** Absolute. */
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
}

export interface KubernetesNode {
  readonly labels: Readonly<Record<string, string>>;
  /** `amd.com/gpu` -> 1. */
  readonly resources: Readonly<Record<string, number>>;
}

export interface KubernetesVolume {
  readonly claim: string;
  readonly storageClass: string;
  /** As Kubernetes writes quantities: `20Gi`. */
  readonly size: string;
  readonly access: 'ReadWriteOnce' | 'ReadWriteMany' | 'ReadOnlyMany';
}

export interface SeedFile {
  /** Absolute; it may not exist. */
  readonly path: string;
  /** Where `devenv.yaml` names it; `undefined` when it was found by looking. */
  readonly namedAt: SourceLocation | undefined;
}

/** Names of variables, ids of connections. */
export interface Requirements {
  readonly variables: readonly string[];
  readonly connections: readonly string[];
}

export interface FoundVersions {
  readonly airflow?: (FoundVersion & { readonly isGuess?: boolean }) | undefined;
  readonly python?: FoundVersion | undefined;
}

export interface AirflowSettings {
  readonly version: string;
  /** `3.12` or `3.12.4`; `undefined` leaves the choice to the installer. */
  readonly python: string | undefined;
  /** Where versions that `devenv.yaml` leaves open were found; an Airflow is only found out by imports with `isGuess`. */
  readonly found?: FoundVersions;
  /** Absolute requirements files. */
  readonly requirements: readonly string[];
  /** Production's own: an absolute path or an address; `undefined` for those of the release. */
  readonly constraints?: string | undefined;
  /** A lock of a repository that holds this Airflow; absolute. */
  readonly projectLock?: string | undefined;
  /** `core.parallelism` -> `4`, written as Airflow reads it. */
  readonly config: Readonly<Record<string, string>>;
  /** Environment variables of everything that runs Airflow. */
  readonly env: Readonly<Record<string, string>>;
}

export type LayoutKind = 'plain' | 'plugins-shared' | 'instances' | 'multi-project' | 'astro' | 'none';

export interface Repository {
  /** Unique in the project; Airflow's name of the bundle. */
  readonly name: string;
  /** Absolute real path. */
  readonly path: string;
  readonly layout: LayoutKind;
  /** Absolute; several for `<instance>/dags`, none for a repository of libraries. */
  readonly dagsFolders: readonly string[];
  /** Absolute. */
  readonly pluginsFolders: readonly string[];
  /** Absolute folders to append to `sys.path`, in the order production gives them. */
  readonly pythonPath: readonly string[];
}
