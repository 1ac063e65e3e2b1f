import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { ownProgram } from '../platform/ownProgram.ts';
import type { HdfsPlace } from './daemon/hdfsPlace.ts';
import type { HdfsProject } from './hdfsProject.ts';

/**
 * Whether everything that clients read has been written for this place and these settings: then a warm run has nothing
 * to do but to see that the server answers. Production's files may have changed at any time, so that with them it is
 * never said.
 */
export async function isPrepared(
  context: Pick<Context, 'env'>,
  project: HdfsProject,
  place: HdfsPlace,
): Promise<boolean> {
  if (project.hdfs === undefined || project.hdfs.conf.length > 0) return false;
  if (!WRITTEN.every((name) => existsSync(path.join(project.stateDirectory, name)))) return false;
  const found = await readFile(stampFile(project), 'utf8').catch(() => undefined);
  return found === stamp(context, project, place);
}

export async function rememberPrepared(
  context: Pick<Context, 'env'>,
  project: HdfsProject,
  place: HdfsPlace,
): Promise<void> {
  if (await isPrepared(context, project, place)) return;
  await writeFileAtomic(stampFile(project), stamp(context, project, place));
}

const WRITTEN = ['hadoop/conf/core-site.xml', 'hadoop/conf/hdfs-site.xml', 'hadoop/hdfscli.cfg', 'bin'];

function stamp({ env }: Pick<Context, 'env'>, project: HdfsProject, { address, ports }: HdfsPlace): string {
  const { root, configFile, hdfs } = project;
  const shell = [env['PATH'], env['HADOOP_USER_NAME'], env['USER']];
  return JSON.stringify([address, ports, root, configFile, hdfs, shell, ownProgram()]);
}

function stampFile({ stateDirectory }: HdfsProject): string {
  return path.join(stateDirectory, 'hadoop', 'prepared.json');
}
