import type { HdfsPlace } from '../daemon/hdfsPlace.ts';
import type { HadoopProperties } from './hadoopXml.ts';

/** What production's files say, those of one kind merged. */
export interface SiteFiles {
  readonly core: HadoopProperties;
  readonly hdfs: HadoopProperties;
}

export interface SiteParts {
  readonly nameservice: string;
  readonly place: HdfsPlace;
  readonly user: string;
  /** What production says; what can't hold here is left out. */
  readonly given: SiteFiles;
}

/** What it is called when nobody says it. */
const DEFAULT_NAMESERVICE = 'analytics-hadoop';

/** What programs get that use FileContext: a class that lies beside `core-site.xml`, see `src/hdfs/java`. */
export const FILE_CONTEXT_CLASS = 'devenv.HdfsForFileContext';

/**
 * `core-site.xml` and `hdfs-site.xml` with which unmodified Hadoop clients from 3.3 on read and write `hdfs://` URIs
 * over WebHDFS: ViewFs' overload scheme sends every path of the nameservice to the project's own server, which needs
 * no name in the DNS, and resolves relative paths, on which WebHdfsFileSystem itself fails.
 */
export function siteProperties({ nameservice, place, user, given }: SiteParts): SiteFiles {
  const { address, ports } = place;
  const target = `hdfs://${address}:${ports[0]}/`;
  // Whoever writes the host and the port of the server itself finds the same files.
  const authorities = [...new Set([nameservice, address, 'localhost'])];
  return {
    core: {
      // Files of a mock need no copies, and `du` tells what is on the disk; production's number wins.
      'dfs.replication': '1',
      ...withoutForeign(given.core),
      'fs.defaultFS': `hdfs://${nameservice}`,
      'fs.hdfs.impl': 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme',
      'fs.viewfs.overload.scheme.target.hdfs.impl': 'org.apache.hadoop.hdfs.web.WebHdfsFileSystem',
      'fs.viewfs.ignore.port.in.mount.table.name': 'true',
      'fs.AbstractFileSystem.hdfs.impl': FILE_CONTEXT_CLASS,
      ...Object.fromEntries(authorities.map((each) => [`fs.viewfs.mounttable.${each}.linkFallback`, target])),
      'hadoop.security.authentication': 'simple',
      'hadoop.security.authorization': 'false',
      // A user without a group of the system has no primary group, which ViewFs asks for.
      'hadoop.user.group.static.mapping.overrides': `${user}=${user}`,
    },
    hdfs: withoutForeign(given.hdfs),
  };
}

/** The nameservice that production's files mean by `hdfs:///`, or the first one that they declare, or ours. */
export function nameserviceIn({ core, hdfs }: SiteFiles): string {
  const [, host] = /^hdfs:\/\/([\w.-]+)/.exec(core['fs.defaultFS'] ?? core['fs.default.name'] ?? '') ?? [];
  const [declared] = (hdfs['dfs.nameservices'] ?? core['dfs.nameservices'] ?? '').split(',');
  return host ?? (declared?.trim() || DEFAULT_NAMESERVICE);
}

/**
 * What belongs to production's machines alone: names and addresses of its servers (a declared nameservice keeps
 * WebHDFS from being reached at all), Kerberos, encryption, its topology and its local folders.
 */
const FOREIGN: readonly RegExp[] = [
  /^fs\.(?:default\.name|defaultFS|hdfs\.impl|AbstractFileSystem\.hdfs\.impl|viewfs\.)/,
  /^dfs\.(?:internal\.)?nameservice/,
  /^dfs\.(?:ha|namenode|datanode|journalnode|secondary|federation|domain\.socket|hosts|router)\b/,
  /^dfs\.client\.(?:failover|read\.shortcircuit|https|domain)/,
  /^dfs\.(?:data\.transfer|encrypt|encryption|block\.access\.token|http\.policy|https|web\.authentication)\b/,
  /^hadoop\.(?:security|rpc\.protection|http|proxyuser|kms|ssl|registry|zk|user\.group|tmp\.dir|socks)\b/,
  /^hadoop\.rpc\.socket\.factory/,
  /^(?:net\.topology|topology|ha\.zookeeper|ha\.|ipc\.client\.kerberos|ssl\.)/,
  /kerberos|keytab|principal/i,
];

function withoutForeign(given: HadoopProperties): HadoopProperties {
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => !FOREIGN.some((pattern) => pattern.test(name))),
  );
}
