import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DevenvError } from '../../errors.ts';
import { readHadoopXml, type HadoopProperties } from './hadoopXml.ts';
import type { SiteFiles } from './siteProperties.ts';

export interface GivenFiles extends SiteFiles {
  /** Absolute: what of a folder Hadoop and Spark read besides, `log4j.properties`, `hive-site.xml`. */
  readonly others: readonly string[];
}

/**
 * Reads what `hdfs.conf` names: files, or folders with Hadoop's files in them. A file that is neither `core-site.xml`
 * nor `hdfs-site.xml` by its name counts as the first.
 *
 * @throws DevenvError `hdfs_conf_unreadable`.
 */
export async function readGivenFiles(conf: readonly string[]): Promise<GivenFiles> {
  const [core, hdfs]: [Record<string, string>, Record<string, string>] = [{}, {}];
  const others: string[] = [];
  for (const file of (await Promise.all(conf.map(filesAt))).flat()) {
    const name = path.basename(file);
    if (name === 'hdfs-site.xml') Object.assign(hdfs, await properties(file));
    else if (name === 'core-site.xml' || conf.includes(file)) Object.assign(core, await properties(file));
    else others.push(file);
  }
  return { core, hdfs, others };
}

/** The file itself, or the files of the folder, sorted. */
async function filesAt(place: string): Promise<string[]> {
  const names = await readdir(place, { withFileTypes: true }).catch(() => undefined);
  if (names === undefined) return [place];
  return names
    .filter((each) => !each.isDirectory() && !each.name.startsWith('.'))
    .map((each) => path.join(place, each.name))
    .toSorted();
}

async function properties(file: string): Promise<HadoopProperties> {
  try {
    return readHadoopXml(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new DevenvError({
      code: 'hdfs_conf_unreadable',
      what: `The file ${file}, which hdfs.conf in devenv.yaml names, can't be read.`,
      why: String(cause),
      next: ['Look at its owner and mode, or take it out of devenv.yaml'],
      misuse: true,
      cause,
    });
  }
}
