import { readFile, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { webHdfsFiles } from '../client/webHdfsFiles.ts';
import { hadoopNumber } from '../configuration/hadoopNumber.ts';
import { readHadoopXml, type HadoopProperties } from '../configuration/hadoopXml.ts';
import { systemUser } from '../configuration/hadoopUser.ts';
import { hadoopFiles } from '../configuration/writeHadoopConfiguration.ts';
import { answeringServer } from '../daemon/ensureHdfs.ts';
import { placeUrl, type HdfsPlace } from '../daemon/hdfsPlace.ts';
import { prepareHdfs } from '../openHdfs.ts';
import type { HdfsProject } from '../hdfsProject.ts';
import { hdfsFileSystem } from './hdfsFileSystem.ts';
import { ShellSession, type ShellIo } from './session.ts';

export interface SessionRequest {
  readonly stateDirectory: string;
  /** The nearest `devenv.yaml`; undefined when it is not known. */
  readonly configFile: string | undefined;
  /** Asked only when the server does not run or the settings have changed: reading devenv.yaml costs more than `ls`. */
  readonly loadProject: () => Promise<HdfsProject>;
  /** `-D name=value`. */
  readonly properties: HadoopProperties;
  readonly io: ShellIo;
}

/**
 * What a command of the shell works with. The server is started when it does not run.
 *
 * @throws DevenvError `hdfs_not_starting`, and what `loadProject` throws.
 */
export async function openSession(context: Context, request: SessionRequest): Promise<ShellSession> {
  const { stateDirectory, io } = request;
  const place = (await readyPlace(request)) ?? (await preparedPlace(context, request));
  const properties = { ...(await siteProperties(stateDirectory)), ...request.properties };
  const property = (name: string): string | undefined => properties[name];
  const user = context.env['HADOOP_USER_NAME'] || userIn(properties) || systemUser(context.env);
  const files = webHdfsFiles({ url: placeUrl(place), user });
  const hdfs = hdfsFileSystem(files, {
    umask: Number.parseInt(property('fs.permissions.umask-mode') ?? '022', 8) || 0o022,
    replication: hadoopNumber(property('dfs.replication')),
    blockSize: hadoopNumber(property('dfs.blocksize')),
  });
  const [, nameservice = place.address] = /^\w+:\/\/([^/]+)/.exec(property('fs.defaultFS') ?? '') ?? [];
  return new ShellSession({ files, hdfs, nameservice, user, io, property, mount: { place, stateDirectory } });
}

async function preparedPlace(context: Context, request: SessionRequest): Promise<HdfsPlace> {
  const place = await prepareHdfs(context, await request.loadProject());
  // Newer than the settings now, also where they have changed nothing in it.
  const now = new Date(context.now());
  await utimes(siteFile(request.stateDirectory), now, now);
  return place;
}

/** The server that answers, when the configuration is newer than the project's settings. */
async function readyPlace({ stateDirectory, configFile }: SessionRequest): Promise<HdfsPlace | undefined> {
  const written = await stat(siteFile(stateDirectory)).catch(() => undefined);
  const settings = configFile === undefined ? undefined : await stat(configFile).catch(() => undefined);
  if (written === undefined || (settings !== undefined && settings.mtimeMs > written.mtimeMs))
    return undefined;
  return answeringServer(stateDirectory);
}

async function siteProperties(stateDirectory: string): Promise<HadoopProperties> {
  const { directory } = hadoopFiles(stateDirectory);
  const texts = await Promise.all(
    ['core-site.xml', 'hdfs-site.xml'].map((name) =>
      readFile(path.join(directory, name), 'utf8').catch(() => ''),
    ),
  );
  return Object.assign({}, ...texts.map(readHadoopXml)) as HadoopProperties;
}

function siteFile(stateDirectory: string): string {
  return path.join(hadoopFiles(stateDirectory).directory, 'core-site.xml');
}

/** As `siteProperties` has written it: `analytics=analytics`. */
function userIn(properties: HadoopProperties): string | undefined {
  return properties['hadoop.user.group.static.mapping.overrides']?.split('=', 1)[0];
}
