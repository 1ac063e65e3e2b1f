import path from 'node:path';
import { settingOf } from './localResources.ts';
import type { Submission } from './submission.ts';
import type { Change, Surroundings } from './surroundings.ts';

export interface PythonPlan {
  /** What the job's processes get beside the caller's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly changes: readonly Change[];
}

const APPLICATION_MASTER = 'spark.yarn.appMasterEnv.';
const EXECUTOR = 'spark.executorEnv.';

/**
 * The environment of driver and workers: variables said for YARN's containers become the process's own, and the
 * interpreters absolute. The order in which Spark looks for an interpreter is that of its `PythonRunner`.
 */
export function planPython(
  submission: Submission,
  surroundings: Surroundings,
  containerDirectory: string,
  aliases: ReadonlySet<string>,
): PythonPlan {
  const master = variablesOf(submission, APPLICATION_MASTER);
  const executors = variablesOf(submission, EXECUTOR);
  const isCluster = submission.deployMode === 'cluster';
  const { given, changes } = withoutPlaces({ ...executors, ...(isCluster ? master : {}) });
  const variable = (name: string): string | undefined =>
    (isCluster ? master[name] : undefined) || surroundings.env[name] || undefined;
  const setting = (key: string): string | undefined => settingOf(submission, key) || undefined;
  const worker = setting('spark.pyspark.python') ?? variable('PYSPARK_PYTHON') ?? executors['PYSPARK_PYTHON'];
  const driver =
    setting('spark.pyspark.driver.python') ??
    setting('spark.pyspark.python') ??
    variable('PYSPARK_DRIVER_PYTHON') ??
    variable('PYSPARK_PYTHON') ??
    worker;
  const interpreter = (asked: string | undefined, name: string): string => {
    if (asked === undefined) return surroundings.defaultPython;
    const found = resolve(asked);
    if (found !== undefined) return found;
    const why = `there is no ${asked} on this machine`;
    if (changes.every(({ from }) => from !== asked))
      changes.push({ setting: name, from: asked, to: surroundings.defaultPython, why });
    return surroundings.defaultPython;
  };
  const resolve = (asked: string): string | undefined => {
    if (!asked.includes('/')) return onPath(asked, surroundings);
    // It is unpacked later: whether it works shows then.
    const top = path.normalize(asked).split(path.sep)[0] ?? '';
    if (!path.isAbsolute(asked) && aliases.has(top)) return path.join(containerDirectory, asked);
    const absolute = path.resolve(surroundings.callerDirectory, asked);
    return surroundings.programExists(absolute) ? absolute : undefined;
  };
  return {
    environment: {
      ...given,
      PYSPARK_DRIVER_PYTHON: interpreter(driver, 'PYSPARK_DRIVER_PYTHON'),
      PYSPARK_PYTHON: interpreter(worker, 'PYSPARK_PYTHON'),
    },
    changes,
  };
}

/** Where programs are on the cluster's machines says nothing about this one. */
const PLACES =
  /^(?:HADOOP_CONF_DIR|YARN_CONF_DIR|HADOOP_HOME|JAVA_HOME|SPARK_HOME|SPARK_CONF_DIR|SPARK_DIST_CLASSPATH)$/;

function withoutPlaces(all: Readonly<Record<string, string>>): {
  given: Record<string, string>;
  changes: Change[];
} {
  const names = Object.keys(all);
  return {
    given: Object.fromEntries(Object.entries(all).filter(([name]) => !PLACES.test(name))),
    changes: names
      .filter((name) => PLACES.test(name))
      .map((name) => ({
        setting: name,
        from: all[name],
        to: undefined,
        why: 'it is a place on the cluster',
      })),
  };
}

function variablesOf({ settings, defaults }: Submission, prefix: string): Record<string, string> {
  const all = [...defaults, ...settings].filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(all.map(([key, value]) => [key.slice(prefix.length), value]));
}

function onPath(name: string, { env, programExists }: Surroundings): string | undefined {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((each) => path.isAbsolute(each));
  return folders.map((folder) => path.join(folder, name)).find(programExists);
}
