import path from 'node:path';
import { localPath, isOnHdfs, isOnWeb, listedFiles, type ListedFile } from './sparkUris.ts';
import type { Submission } from './submission.ts';
import type { Change, Surroundings } from './surroundings.ts';

/** A file or a folder that has to be at `target` before Spark starts. */
export interface Placement {
  /** An absolute path, or a URI. */
  readonly source: string;
  readonly target: string;
  /** `archive`: unpacked, the target is its folder. */
  readonly kind: 'file' | 'archive';
}

export interface FilesPlan {
  readonly placements: readonly Placement[];
  /** Settings that name the files where they will be. */
  readonly settings: readonly (readonly [string, string])[];
  /** The job's file, where there is one. */
  readonly application: readonly string[];
  /** Names at the top of the container's folder. */
  readonly aliases: ReadonlySet<string>;
  readonly changes: readonly Change[];
}

/** Lists that YARN brings to its containers, each under two names. */
const LISTS = {
  archives: ['spark.archives', 'spark.yarn.dist.archives'],
  files: ['spark.files', 'spark.yarn.dist.files'],
  jars: ['spark.jars', 'spark.yarn.dist.jars'],
  pyFiles: ['spark.submit.pyFiles'],
} as const;

/**
 * Which files to fetch and unpack, and where. As YARN does: archives and files are in the working directory by their
 * alias. Local mode would put them into a folder that only `SparkFiles` knows.
 */
export function planFiles(
  submission: Submission,
  surroundings: Surroundings,
  containerDirectory: string,
): FilesPlan {
  const fetched = path.join(surroundings.runDirectory, 'fetched');
  const lists = {
    archives: entries(submission, surroundings, 'archives'),
    files: entries(submission, surroundings, 'files').flatMap((each) => expanded(each, surroundings)),
    jars: entries(submission, surroundings, 'jars'),
    pyFiles: entries(submission, surroundings, 'pyFiles'),
  };
  const placements: Placement[] = [];
  const changes: Change[] = [];
  const aliases = new Set<string>();
  for (const { source, isLocal, alias } of lists.archives) {
    if (!isLocal && !isFetchable(source)) {
      const why = 'devenv can fetch from hdfs, http and https only';
      changes.push({ setting: 'spark.archives', from: source, to: undefined, why });
      continue;
    }
    aliases.add(topOf(alias));
    placements.push({ source, target: path.join(containerDirectory, alias), kind: 'archive' });
  }
  const files = lists.files.map((each) => {
    if (!each.isLocal && !isFetchable(each.source)) return each.source;
    aliases.add(topOf(each.alias));
    const target = path.join(containerDirectory, each.alias);
    placements.push({ source: each.source, target, kind: 'file' });
    return target;
  });
  /** What Spark only has to read may stay where it is, unless it is on HDFS. */
  const near = (each: ListedFile): string => {
    if (each.isLocal || !isOnHdfs(each.source)) return each.source;
    const target = path.join(fetched, each.alias);
    placements.push({ source: each.source, target, kind: 'file' });
    return target;
  };
  const settings = [
    ['spark.files', files],
    ['spark.jars', lists.jars.map(near)],
    ['spark.submit.pyFiles', lists.pyFiles.map(near)],
  ] as const;
  return {
    settings: settings.flatMap(([key, values]) =>
      values.length === 0 ? [] : [[key, values.join(',')] as const],
    ),
    application: application(submission, surroundings, { containerDirectory, aliases, near }),
    placements,
    aliases,
    changes,
  };
}

/** Not of `spark-defaults.conf`: there they name files of the cluster's machines. */
function entries(
  { settings }: Submission,
  { callerDirectory }: Surroundings,
  list: keyof typeof LISTS,
): ListedFile[] {
  return LISTS[list].flatMap((key) => listedFiles(settings.get(key), callerDirectory));
}

/** As Spark does before it hands files to YARN. */
function expanded(file: ListedFile, { expand }: Surroundings): ListedFile[] {
  if (!file.isLocal || !/[*?]/.test(path.basename(file.source))) return [file];
  return expand(file.source).map((source) => ({ source, isLocal: true, alias: path.basename(source) }));
}

interface Places {
  readonly containerDirectory: string;
  readonly aliases: ReadonlySet<string>;
  readonly near: (file: ListedFile) => string;
}

/** A relative path whose first folder is an archive's alias is a file of that archive. */
function application(submission: Submission, surroundings: Surroundings, places: Places): string[] {
  const name = submission.arguments.application;
  if (name === undefined) return [];
  const local = localPath(name, surroundings.callerDirectory);
  if (local === undefined) {
    const [file] = listedFiles(name, surroundings.callerDirectory);
    return [file === undefined ? name : places.near(file)];
  }
  const inContainer = !path.isAbsolute(name) && places.aliases.has(topOf(path.normalize(name)));
  return [inContainer ? path.join(places.containerDirectory, name) : local];
}

function isFetchable(source: string): boolean {
  return isOnHdfs(source) || isOnWeb(source);
}

function topOf(name: string): string {
  return path.normalize(name).split(path.sep)[0] ?? name;
}
