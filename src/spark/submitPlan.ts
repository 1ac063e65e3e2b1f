import path from 'node:path';
import { heapMemory, localCores } from './localResources.ts';
import { type Placement, planFiles } from './planFiles.ts';
import { planPython } from './planPython.ts';
import { reasonToDrop } from './productionSettings.ts';
import type { Submission } from './submission.ts';
import type { Change, Surroundings } from './surroundings.ts';

/** How a job for YARN is run on this machine. Holds all that the executor needs, and nothing it has to decide. */
export interface SubmitPlan {
  readonly master: string;
  /** Of the real spark-submit, behind its `--properties-file`. */
  readonly arguments: readonly string[];
  /** All settings, to be written to that file. */
  readonly settings: ReadonlyMap<string, string>;
  /** Files to have in place first, in this order. */
  readonly placements: readonly Placement[];
  /** Like the working directory of a YARN container: archives and files are in it by their alias. */
  readonly containerDirectory: string;
  /** Where the driver runs: the container's in cluster mode, the caller's in client mode. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** An executable to write, by which the workers run in the container's folder although the driver does not. */
  readonly workerScript: { readonly path: string; readonly text: string } | undefined;
  readonly changes: readonly Change[];
}

/**
 * Plans a job that was made for YARN for this machine. Pure: the same arguments give the same plan, on any machine.
 */
export function planSubmission(submission: Submission, surroundings: Surroundings): SubmitPlan {
  const containerDirectory = path.join(surroundings.runDirectory, 'container');
  const files = planFiles(submission, surroundings, containerDirectory);
  const python = planPython(submission, surroundings, containerDirectory, files.aliases);
  const kept = keptSettings(submission);
  const resources = planResources(submission, surroundings);
  const calmer = calmed(kept.settings, surroundings);
  const settings = new Map<string, string>([
    ...ownDefaults(surroundings),
    ...kept.settings,
    ...files.settings,
    ...calmer.map(({ setting, to }) => [setting, to] as const),
    ...resources.map(({ setting, to }) => [setting, to] as const),
    ...javaOptions(kept.settings),
    ...localOnly(),
    ...Object.entries(surroundings.settings),
  ]);
  const isCluster = submission.deployMode === 'cluster';
  const workersMove = !isCluster && files.aliases.size > 0;
  const workerScript = workersMove
    ? scriptFor(surroundings, containerDirectory, python.environment['PYSPARK_PYTHON'] ?? '')
    : undefined;
  return {
    master: settings.get('spark.master') ?? '',
    arguments: [...options(submission), ...files.application, ...submission.arguments.applicationArguments],
    settings,
    placements: files.placements,
    containerDirectory,
    workingDirectory: isCluster ? containerDirectory : surroundings.callerDirectory,
    environment: {
      ...python.environment,
      ...(workerScript === undefined ? {} : { PYSPARK_PYTHON: workerScript.path }),
      // What Spark's UI and block manager listen on.
      SPARK_LOCAL_IP: '127.0.0.1',
      // What a killed JVM leaves lies in the run's own folder.
      SPARK_LOCAL_DIRS: path.join(surroundings.runDirectory, 'local'),
    },
    workerScript,
    changes: [
      ...resources.filter(({ from, to }) => from !== undefined && from !== to),
      ...calmer,
      ...kept.changes,
      ...python.changes,
      ...files.changes,
    ],
  };
}

function options({ arguments: { options: given, flags } }: Submission): string[] {
  const mainClass = given.get('--class');
  return [
    ...(mainClass === undefined ? [] : ['--class', mainClass]),
    ...(flags.has('--verbose') ? ['--verbose'] : []),
  ];
}

type Replaced = Change & { readonly to: string };

function planResources(submission: Submission, surroundings: Surroundings): readonly Replaced[] {
  const master = surroundings.master ?? `local[${localCores(submission, surroundings.machine)}]`;
  const memory = surroundings.memory ?? heapMemory(submission, surroundings.machine);
  const askedMemory =
    submission.settings.get('spark.driver.memory') ?? submission.defaults.get('spark.driver.memory');
  return [
    { setting: 'spark.master', from: submission.master, to: master, why: 'there is no YARN here' },
    {
      setting: 'spark.driver.memory',
      from: askedMemory,
      to: memory,
      why: 'one heap for driver and executors, of at most half of this machine’s memory',
    },
  ];
}

/** Lists of files become placements; interpreters and variables of containers become the environment. */
const PLACED = /^spark\.(?:archives|files|jars|submit\.pyFiles|yarn\.dist\.(?:archives|files|jars))$/;
const IN_ENVIRONMENT = /^spark\.(?:pyspark\.(?:driver\.)?python$|yarn\.appMasterEnv\.)/;

function keptSettings({ settings, defaults }: Submission): {
  settings: Map<string, string>;
  changes: Change[];
} {
  const kept = new Map<string, string>();
  const changes: Change[] = [];
  for (const [from, isDefault] of [[defaults, true] as const, [settings, false] as const]) {
    for (const [key, value] of from) {
      if (IN_ENVIRONMENT.test(key) || (PLACED.test(key) && !isDefault)) continue;
      const why = reasonToDrop(key, isDefault);
      if (why === undefined) kept.set(key, value);
      else if (key !== 'spark.master') changes.push({ setting: key, from: value, to: undefined, why });
    }
  }
  return { settings: kept, changes };
}

/** Thousands of partitions are right for a cluster, and minutes of empty tasks on a laptop. */
function calmed(kept: ReadonlyMap<string, string>, { machine }: Surroundings): Replaced[] {
  const most = Math.max(8, 4 * machine.cores);
  return ['spark.sql.shuffle.partitions', 'spark.default.parallelism'].flatMap((setting) => {
    const from = kept.get(setting);
    if (from === undefined || !(Number(from) > most)) return [];
    const why = `this machine has ${machine.cores} cores; spark.conf in devenv.yaml can say otherwise`;
    return [{ setting, from, to: String(most), why }];
  });
}

/** Options of an older JVM would keep a newer one from starting. */
function javaOptions(kept: ReadonlyMap<string, string>): [string, string][] {
  const key = 'spark.driver.extraJavaOptions';
  const given = kept.get(key);
  return given === undefined ? [] : [[key, `-XX:+IgnoreUnrecognizedVMOptions ${given}`]];
}

/** What a job may say otherwise. */
function ownDefaults(surroundings: Surroundings): [string, string][] {
  const metastore = `jdbc:derby:;databaseName=${surroundings.metastoreDirectory};create=true`;
  return [
    ['spark.sql.warehouse.dir', surroundings.warehouseDirectory],
    ['spark.hadoop.javax.jdo.option.ConnectionURL', metastore],
    // The default asks for a FileContext, which WebHDFS has none of.
    ['spark.sql.streaming.checkpointFileManagerClass', checkpointFileManager(surroundings.sparkVersion)],
    // Nobody looks at a bar that is drawn into a task's log.
    ['spark.ui.showConsoleProgress', 'false'],
  ];
}

/** It moved in Spark 4.1. */
function checkpointFileManager(sparkVersion: string): string {
  const [major = 0, minor = 0] = sparkVersion.split('.').map(Number);
  const room = major > 4 || (major === 4 && minor >= 1) ? 'streaming.checkpointing' : 'streaming';
  return `org.apache.spark.sql.execution.${room}.FileSystemBasedCheckpointFileManager`;
}

/** Nothing listens to other machines. */
function localOnly(): [string, string][] {
  return [
    ['spark.driver.host', '127.0.0.1'],
    ['spark.driver.bindAddress', '127.0.0.1'],
  ];
}

function scriptFor(
  { runDirectory }: Surroundings,
  containerDirectory: string,
  python: string,
): { path: string; text: string } {
  const text = `#!/bin/sh\ncd ${quoted(containerDirectory)} && exec ${quoted(python)} "$@"\n`;
  return { path: path.join(runDirectory, 'worker-python'), text };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
