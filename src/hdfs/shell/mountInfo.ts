import { hadoopFiles } from '../configuration/writeHadoopConfiguration.ts';
import { hdfsDataDirectory } from '../daemon/hdfsRecord.ts';
import type { ShellSession } from './session.ts';

/** Where the project's HDFS is, as lines: for people, and for what they configure by hand. Gives the exit code. */
export async function mountInfo(session: ShellSession): Promise<number> {
  const { place, stateDirectory } = session.mount;
  const [web, rpc, old] = place.ports;
  const rows = [
    ['URI', `hdfs://${session.nameservice}/`],
    ['WebHDFS', `http://${place.address}:${web}/webhdfs/v1/`],
    ['ports', `${web}, ${rpc}, ${old}`],
    ['user', session.user],
    ['files', hdfsDataDirectory(stateDirectory)],
    ['HADOOP_CONF_DIR', hadoopFiles(stateDirectory).directory],
  ];
  await session.io.write(rows.map(([name = '', value = '']) => `${name.padEnd(17)}${value}\n`).join(''));
  return 0;
}
