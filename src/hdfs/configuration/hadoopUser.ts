import { userInfo } from 'node:os';
import type { Context } from '../../context.ts';
import type { HdfsSettings } from '../../config/project.ts';

/** Who tasks and commands are in HDFS: `HADOOP_USER_NAME` of the shell, what `devenv.yaml` says, or who runs devenv. */
export function hadoopUser(env: Context['env'], settings: Pick<HdfsSettings, 'user'> | undefined): string {
  return env['HADOOP_USER_NAME'] || settings?.user || systemUser(env);
}

/** Who runs devenv; also where a user id has no name, as in containers. */
export function systemUser(env: Context['env']): string {
  const name = nameOfThisUser() ?? env['USER'] ?? env['LOGNAME'] ?? '';
  return VALID_USER.test(name) ? name : 'hdfs';
}

/** What WebHDFS takes for the name of a user (`dfs.webhdfs.user.provider.user.pattern`). */
const VALID_USER = /^[A-Za-z_][A-Za-z0-9._-]*\$?$/;

function nameOfThisUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
