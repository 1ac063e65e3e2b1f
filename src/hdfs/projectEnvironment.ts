import { readFile } from 'node:fs/promises';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { hadoopEnvironment } from './configuration/hadoopEnvironment.ts';
import { hadoopUser } from './configuration/hadoopUser.ts';
import { nameserviceOf } from './configuration/writeHadoopConfiguration.ts';
import { expectedPlace } from './daemon/hdfsPlace.ts';

/**
 * The environment of everything that runs the project's Airflow, with what finds its HDFS. The server need not run:
 * the place is that of last time.
 *
 * @param environment as `airflowEnvironment` gives it.
 * @throws DevenvError `hdfs_conf_unreadable`.
 */
export async function withHadoop(
  context: Pick<Context, 'env' | 'platform'>,
  project: Pick<Project, 'stateDirectory' | 'hdfs' | 'seed'> & {
    readonly airflow: Pick<Project['airflow'], 'env'>;
  },
  environment: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const { stateDirectory, hdfs, seed } = project;
  if (hdfs === undefined) return { ...environment };
  const [place, nameservice, ownConnections] = await Promise.all([
    expectedPlace(stateDirectory, context.platform),
    nameserviceOf(hdfs),
    seededConnections((seed ?? []).map((each) => each.path)),
  ]);
  const user = hadoopUser(context.env, hdfs);
  return hadoopEnvironment(withoutForeign(environment, project.airflow.env), {
    stateDirectory,
    place,
    nameservice,
    user,
    ownConnections,
  });
}

/**
 * A shell on a machine of a cluster has these, and tasks would work on the real one. What `devenv.yaml` says of them
 * is meant.
 */
function withoutForeign(
  environment: Readonly<Record<string, string>>,
  meant: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !FOREIGN.has(name) || name in meant);
  return { ...Object.fromEntries(kept), ...meantOnly(meant) };
}

const FOREIGN = new Set(['HADOOP_CONF_DIR', 'YARN_CONF_DIR', 'HDFSCLI_CONFIG', 'FSSPEC_WEBHDFS']);

/** The shell's value stands in the environment, as it wins over `devenv.yaml` in everything else. */
function meantOnly(meant: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(meant).filter(([name]) => FOREIGN.has(name)));
}

/**
 * A connection in the environment hides one of the same id in the database: those that a seed file names come from
 * there. A word in the file is enough, also in one that is encrypted value by value.
 */
async function seededConnections(files: readonly string[]): Promise<ReadonlySet<string>> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return new Set(['webhdfs_default', 'hdfs_default'].filter((id) => texts.some((text) => names(text, id))));
}

function names(text: string, id: string): boolean {
  return new RegExp(`\\b${id}\\b`).test(text);
}
