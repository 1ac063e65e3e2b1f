import type { Context } from '../context.ts';
import { webHdfsFiles, type WebHdfsFiles } from './client/webHdfsFiles.ts';
import { hadoopUser, systemUser } from './configuration/hadoopUser.ts';
import { installHadoopPrograms } from './configuration/hadoopPrograms.ts';
import { serverSettings } from './configuration/serverSettings.ts';
import { writeHadoopConfiguration } from './configuration/writeHadoopConfiguration.ts';
import { ensureHdfs, type EnsureHdfsOptions } from './daemon/ensureHdfs.ts';
import { placeUrl, type HdfsPlace } from './daemon/hdfsPlace.ts';
import { writeServerSettings } from './daemon/serverSettingsFile.ts';
import { rememberPrepared } from './preparedStamp.ts';
import type { HdfsProject } from './hdfsProject.ts';

/**
 * The files of the project's HDFS, as the user that its tasks are; the server is started when it does not run. The
 * caller closes them.
 *
 * @throws DevenvError `hdfs_not_starting`, `hdfs_conf_unreadable`.
 */
export async function openHdfs(
  context: Context,
  project: HdfsProject,
  options: EnsureHdfsOptions = {},
): Promise<WebHdfsFiles> {
  const place = await prepareHdfs(context, project, options);
  return webHdfsFiles({ url: placeUrl(place), user: hadoopUser(context.env, project.hdfs) });
}

/**
 * Makes the project's HDFS run, and writes the configuration with which clients find it.
 *
 * @throws DevenvError `hdfs_not_starting`, `hdfs_conf_unreadable`.
 */
export async function prepareHdfs(
  context: Context,
  project: HdfsProject,
  options: EnsureHdfsOptions = {},
): Promise<HdfsPlace> {
  const user = hadoopUser(context.env, project.hdfs);
  const settings = project.hdfs ?? { nameservice: undefined, user: undefined, conf: [], seed: [] };
  await writeServerSettings(project.stateDirectory, await serverSettings(settings));
  let hasFolders = false;
  const place = await ensureHdfs(context, project, {
    ...options,
    onStarted: async (started) => {
      await makeUsualFolders(context, started, user);
      hasFolders = true;
    },
  });
  // One that ran already may have been started for another user.
  if (!hasFolders) await makeUsualFolders(context, place, user);
  await writeHadoopConfiguration({ stateDirectory: project.stateDirectory, settings, place, user });
  await installHadoopPrograms(context, project);
  await rememberPrepared(context, project, place);
  return place;
}

/** A user's home and `/tmp` are there on every cluster, made by its administrators. */
async function makeUsualFolders(context: Context, place: HdfsPlace, user: string): Promise<void> {
  const files = webHdfsFiles({ url: placeUrl(place), user: systemUser(context.env) });
  try {
    if (!(await files.exists('/tmp'))) {
      await files.makeFolder('/tmp', '1777');
      await files.setPermission('/tmp', '1777');
    }
    const home = `/user/${user}`;
    if (await files.exists(home)) return;
    await files.makeFolder(home, '755');
    await files.web.ask('PUT', 'SETOWNER', home, { owner: user, group: user });
  } finally {
    files.close();
  }
}
