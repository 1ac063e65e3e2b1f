import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { HdfsSettings } from '../../config/project.ts';
import { assetsDirectory } from '../../platform/assets.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import type { HdfsPlace } from '../daemon/hdfsPlace.ts';
import { readGivenFiles } from './givenFiles.ts';
import { writeHadoopXml } from './hadoopXml.ts';
import { FILE_CONTEXT_CLASS, nameserviceIn, siteProperties } from './siteProperties.ts';

export interface HadoopConfigurationParts {
  readonly stateDirectory: string;
  readonly settings: HdfsSettings;
  readonly place: HdfsPlace;
  readonly user: string;
}

/** What Hadoop's clients are told. */
export interface HadoopConfiguration {
  /** HADOOP_CONF_DIR. */
  readonly directory: string;
  /** HDFSCLI_CONFIG. */
  readonly hdfscli: string;
  readonly nameservice: string;
}

/**
 * Writes what Hadoop's clients, Spark and hdfscli read: `.devenv/hadoop/conf`. Files are replaced by rename and only
 * when they would change, so that a client that is just starting reads the old or the new.
 *
 * @throws DevenvError `hdfs_conf_unreadable`, `disk_full`, `not_writable`.
 */
export async function writeHadoopConfiguration(
  parts: HadoopConfigurationParts,
): Promise<HadoopConfiguration> {
  const { settings, place, user } = parts;
  const given = await readGivenFiles(settings.conf);
  const nameservice = settings.nameservice ?? nameserviceIn(given);
  const { core, hdfs } = siteProperties({ nameservice, place, user, given });
  const { directory, hdfscli } = hadoopFiles(parts.stateDirectory);
  await writeIfChanged(path.join(directory, 'core-site.xml'), writeHadoopXml(core, REMARK));
  await writeIfChanged(path.join(directory, 'hdfs-site.xml'), writeHadoopXml(hdfs, REMARK));
  await writeIfChanged(hdfscli, hdfscliConfiguration(place, user));
  await copyOthers(given.others, directory);
  await copyClass(directory);
  return { directory, hdfscli, nameservice };
}

/** Where they are; they may not have been written yet. */
export function hadoopFiles(stateDirectory: string): Pick<HadoopConfiguration, 'directory' | 'hdfscli'> {
  const folder = path.join(stateDirectory, 'hadoop');
  return { directory: path.join(folder, 'conf'), hdfscli: path.join(folder, 'hdfscli.cfg') };
}

/** The nameservice that the configuration of a project speaks of. */
export async function nameserviceOf(settings: HdfsSettings): Promise<string> {
  return settings.nameservice ?? nameserviceIn(await readGivenFiles(settings.conf));
}

const REMARK = 'Written by devenv from devenv.yaml; changes here are lost.';

async function writeIfChanged(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) !== text)
    await writeFileAtomic(file, text, 0o644);
}

/** Files of a folder that was named come along; those of one that is named no more go. */
async function copyOthers(others: readonly string[], directory: string): Promise<void> {
  const wanted = new Set(['core-site.xml', 'hdfs-site.xml', ...others.map((each) => path.basename(each))]);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (wanted.has(entry.name) || entry.name.startsWith('.') || entry.isDirectory()) continue;
    await rm(path.join(directory, entry.name), { force: true });
  }
  for (const each of others) {
    await writeIfChanged(path.join(directory, path.basename(each)), await readFile(each, 'utf8'));
  }
}

/** HADOOP_CONF_DIR is on the class path of Hadoop's programs, of Spark and of libhdfs. */
async function copyClass(directory: string): Promise<void> {
  const name = `${FILE_CONTEXT_CLASS.replaceAll('.', '/')}.class`;
  const bytes = await readFile(path.join(assetsDirectory(), 'hdfs', 'java', name));
  const target = path.join(directory, name);
  const there = await readFile(target).catch(() => undefined);
  if (there?.equals(bytes) !== true) await writeFileAtomic(target, bytes, 0o644);
}

/** See hdfscli's documentation of its configuration file. */
function hdfscliConfiguration(place: HdfsPlace, user: string): string {
  const url = `http://${place.address}:${place.ports[0]}`;
  return `[global]\ndefault.alias = devenv\n\n[devenv.alias]\nurl = ${url}\nuser = ${user}\n`;
}
