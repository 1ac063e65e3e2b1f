import type { HdfsSettings } from '../../config/project.ts';
import type { ProxyUser, ServerSettings } from '../web/serverSettings.ts';
import { readGivenFiles } from './givenFiles.ts';
import { hadoopNumber } from './hadoopNumber.ts';
import type { HadoopProperties } from './hadoopXml.ts';
import { nameserviceIn } from './siteProperties.ts';

/**
 * What production's files say to a namenode: block size and replication of files for which a client says nothing, and
 * who may act as others.
 *
 * @throws DevenvError `hdfs_conf_unreadable`.
 */
export async function serverSettings(settings: HdfsSettings): Promise<ServerSettings> {
  const given = await readGivenFiles(settings.conf);
  const properties = { ...given.core, ...given.hdfs };
  const replication = hadoopNumber(properties['dfs.replication']);
  const blockSize = hadoopNumber(properties['dfs.blocksize'] ?? properties['dfs.block.size']);
  return {
    names: [settings.nameservice ?? nameserviceIn(given)],
    defaults: { ...(replication && { replication }), ...(blockSize && { blockSize }) },
    proxyUsers: proxyUsers(properties),
  };
}

const RULE = /^hadoop\.proxyuser\.(.+)\.(users|groups|hosts)$/;

function proxyUsers(properties: HadoopProperties): readonly ProxyUser[] {
  const rules = new Map<string, { users: string[]; groups: string[]; hosts: string[] }>();
  for (const [name, value] of Object.entries(properties)) {
    const [, user, kind] = RULE.exec(name) ?? [];
    if (user === undefined) continue;
    const rule = rules.get(user) ?? { users: [], groups: [], hosts: [] };
    rule[kind as 'users' | 'groups' | 'hosts'] = value
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean);
    rules.set(user, rule);
  }
  return [...rules].map(([user, rule]) => ({ user, ...rule }));
}
