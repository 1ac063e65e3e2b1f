import path from 'node:path';
import { assetsDirectory } from '../../platform/assets.ts';
import type { HdfsPlace } from '../daemon/hdfsPlace.ts';
import { hadoopFiles } from './writeHadoopConfiguration.ts';

export interface HadoopEnvironmentParts {
  readonly stateDirectory: string;
  readonly place: HdfsPlace;
  readonly nameservice: string;
  readonly user: string;
  /** Ids of connections that the project defines by itself: they are left alone. */
  readonly ownConnections: ReadonlySet<string>;
}

/** Where programs lie that stand in for Hadoop's and Spark's: first on the PATH of tasks. */
export function programsDirectory(stateDirectory: string): string {
  return path.join(stateDirectory, 'bin');
}

/**
 * Puts into the environment of tasks and services what makes clients of HDFS find the project's own without a word
 * from the author. Pure: `writeHadoopConfiguration` and `installHadoopPrograms` make the files it names.
 *
 * @param environment as `airflowEnvironment` gives it; what a person has set there wins, but for `PATH` and
 * `PYTHONPATH`, which get a folder in front.
 */
export function hadoopEnvironment(
  environment: Readonly<Record<string, string>>,
  parts: HadoopEnvironmentParts,
): Record<string, string> {
  const { stateDirectory, place, nameservice, user, ownConnections } = parts;
  const { directory, hdfscli } = hadoopFiles(stateDirectory);
  const connections = Object.entries(defaultConnections(parts))
    .filter(([id]) => !ownConnections.has(id))
    .map(([id, value]) => [`AIRFLOW_CONN_${id.toUpperCase()}`, value]);
  return {
    HADOOP_CONF_DIR: directory,
    HADOOP_USER_NAME: user,
    HDFSCLI_CONFIG: hdfscli,
    // fsspec: what `webhdfs:///path` and `hdfs:///path` mean.
    FSSPEC_WEBHDFS: JSON.stringify({ host: place.address, port: place.ports[0], user }),
    ...Object.fromEntries(connections),
    ...environment,
    AIRFLOW_DEVENV_HDFS: [nameservice, place.address, ...place.ports].join(' '),
    PATH: inFront(programsDirectory(stateDirectory), environment['PATH']),
    PYTHONPATH: inFront(startupDirectory(), environment['PYTHONPATH']),
    ...withoutProxy(environment, [nameservice, place.address]),
  };
}

/** Of WebHDFS, in an environment that `hadoopEnvironment` has made: `http://127.71.3.9:9870`. */
export function hdfsUrlIn(environment: Readonly<Record<string, string>>): string | undefined {
  const [, address, port] = environment['AIRFLOW_DEVENV_HDFS']?.split(' ') ?? [];
  return address === undefined ? undefined : `http://${address}:${port}`;
}

/** Its `sitecustomize.py` makes Python resolve the nameservice, and runs the one that it hides. */
function startupDirectory(): string {
  return path.join(assetsDirectory(), 'airflow', 'python', 'startup');
}

/** As Airflow reads connections from the environment: JSON. */
function defaultConnections({ place, user }: HadoopEnvironmentParts): Record<string, string> {
  const connection = { host: place.address, login: user };
  return {
    webhdfs_default: JSON.stringify({ conn_type: 'webhdfs', ...connection, port: place.ports[0] }),
    hdfs_default: JSON.stringify({ conn_type: 'hdfs', ...connection, port: place.ports[1] }),
  };
}

/** No proxy can reach this machine's own server, and `127.0.0.1` does not stand for its other addresses. */
function withoutProxy(
  environment: Readonly<Record<string, string>>,
  hosts: readonly string[],
): Record<string, string> {
  const given = (environment['NO_PROXY'] ?? environment['no_proxy'] ?? '').split(',').filter(Boolean);
  const list = [...new Set([...given, ...hosts])].join(',');
  return { NO_PROXY: list, no_proxy: list };
}

function inFront(folder: string, list: string | undefined): string {
  const others = (list ?? '').split(path.delimiter).filter((each) => each !== '' && each !== folder);
  return [folder, ...others].join(path.delimiter);
}
