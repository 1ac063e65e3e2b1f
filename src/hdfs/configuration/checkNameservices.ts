import { isIP } from 'node:net';
import type { HdfsSettings } from '../../config/project.ts';
import { DevenvError } from '../../errors.ts';
import { nameserviceOf } from './writeHadoopConfiguration.ts';

/**
 * Refuses files of another HDFS than the project's: a job finds them in production, and here a file of the same path
 * would be taken for them. Addresses are not looked at: there are none but the project's own.
 *
 * @param asker who names them, as `the job asks for`.
 * @throws DevenvError `hdfs_nameservice_unknown` (misuse), `hdfs_conf_unreadable`.
 */
export async function checkNameservices(
  sources: readonly string[],
  settings: HdfsSettings | undefined,
  asker: string,
): Promise<void> {
  if (settings === undefined) return;
  const nameservice = await nameserviceOf(settings);
  for (const source of sources.filter((each) => ON_HDFS.test(each))) {
    const host = /^\w+:\/\/(?:[^/]*@)?([^/:]*)/.exec(source)?.[1] ?? '';
    const own = ['', 'localhost', nameservice.toLowerCase()];
    if (own.includes(host.toLowerCase()) || isIP(host) !== 0) continue;
    throw new DevenvError({
      code: 'hdfs_nameservice_unknown',
      what: `${source}, which ${asker}, is on ${host}, which is no nameservice of this project.`,
      why: `The project's HDFS is ${nameservice}.`,
      next: [
        `Write hdfs://${nameservice}/… or hdfs:///…`,
        'Or name it in devenv.yaml, under hdfs.nameservice',
      ],
      misuse: true,
    });
  }
}

const ON_HDFS = /^(?:hdfs|webhdfs|viewfs):/i;
