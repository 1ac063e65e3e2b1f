/** Settings that mean a cluster, and why they are not passed on. */
interface Rule {
  readonly matches: RegExp;
  readonly why: string;
}

const NO_EXECUTORS = 'in local mode the driver does the work of the executors';
const SECURITY = 'nothing here asks for Kerberos, certificates or encryption';
const ELSEWHERE = 'it names files or classes of the machines of the cluster';

/** Wherever they were said. */
const CLUSTER_RULES: readonly Rule[] = [
  rule(/^spark\.yarn\./, 'there is no YARN here'),
  rule(/^spark\.(?:master|submit\.deployMode)$/, 'the job runs in one process on this machine'),
  rule(/^spark\.dynamicAllocation\./, 'there are no executors to allocate'),
  rule(
    /^spark\.(?:executor\.(?:instances|cores|memory|memoryOverhead\w*|pyspark\.memory)|cores\.max)$/,
    NO_EXECUTORS,
  ),
  rule(/^spark\.(?:driver\.(?:cores|memoryOverhead\w*))$/, NO_EXECUTORS),
  rule(/^spark\.(?:task|executor|driver)\.resource\./, 'local mode knows no GPUs and other resources'),
  rule(/^spark\.(?:shuffle\.service|shuffle\.push)\./, 'there is no shuffle service'),
  rule(
    /^spark\.(?:eventLog|history)\./,
    'there is no history server; devenv spark logs keeps what the job printed',
  ),
  rule(
    /^spark\.(?:authenticate|network\.crypto|ssl|io\.encryption|acls|ui\.(?:filters|acls))(?:\.|$)/,
    SECURITY,
  ),
  rule(/^spark\.(?:kerberos|security\.credentials)\./, SECURITY),
  rule(/^spark\.hadoop\.hadoop\.(?:security|rpc\.protection|proxyuser)/, SECURITY),
  rule(/^spark\.hadoop\.dfs\.(?:namenode\.kerberos|data\.transfer\.protection|encrypt)/, SECURITY),
  rule(
    /^spark\.hadoop\.(?:dfs\.(?:nameservices|ha\.|namenode\.|client\.failover)|yarn\.)/,
    'the cluster is not reachable from here',
  ),
  rule(/^spark\.hadoop\.hive\.metastore\.uris$/, 'the metastore is not reachable from here'),
  rule(
    /^spark\.(?:driver\.(?:host|bindAddress|port|blockManager\.port)|blockManager\.port|local\.dir)$/,
    'they are of the machines of the cluster',
  ),
];

/** In `spark-defaults.conf` only: who says them for one job has what they need. */
const DEFAULTS_RULES: readonly Rule[] = [
  rule(/^spark\.sql\.(?:extensions|catalog\.)/, 'its classes are on the machines of the cluster'),
  rule(/^spark\.sql\.catalogImplementation$/, 'the metastore is not reachable from here'),
  rule(/^spark\.(?:driver|executor)\.(?:extraClassPath|extraLibraryPath)$/, ELSEWHERE),
  rule(
    /^spark\.(?:jars|files|submit\.pyFiles|archives|plugins|extraListeners|sql\.queryExecutionListeners)$/,
    ELSEWHERE,
  ),
];

/**
 * Why a setting can't work on this machine; `undefined` when it can.
 *
 * @param isDefault it comes from `spark-defaults.conf`.
 */
export function reasonToDrop(key: string, isDefault: boolean): string | undefined {
  const rules = isDefault ? [...CLUSTER_RULES, ...DEFAULTS_RULES] : CLUSTER_RULES;
  const found = rules.find((each) => each.matches.test(key));
  return found?.why;
}

function rule(matches: RegExp, why: string): Rule {
  return { matches, why };
}
