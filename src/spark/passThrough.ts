import path from 'node:path';
import type { Writable } from 'node:stream';
import type { Context, OnInterrupt } from '../context.ts';
import { definedOnly } from '../platform/definedOnly.ts';
import { runInForeground } from '../platform/foregroundProcess.ts';
import { runGuarded } from '../platform/guardedProcess.ts';
import { GRACE_MS } from './runJob.ts';
import type { JobRequest } from './sparkJob.ts';
import { setupEnvironment, type SparkSetup } from './sparkSetup.ts';

interface Host {
  readonly host: {
    readonly stdin: Terminal;
    readonly stdout: Writable & Terminal;
    readonly stderr: Writable & Terminal;
  };
  readonly onInterrupt: OnInterrupt;
  readonly handOverSignals: () => void;
}

interface Terminal {
  readonly isTTY?: boolean;
}

/**
 * Runs the real program with the command line as it is: for other masters than YARN, and for what only Spark can
 * answer. From a task it does not outlive us either.
 *
 * @returns its exit code.
 */
export async function passThrough(
  context: Context,
  { host, onInterrupt, handOverSignals }: Host,
  { program, words, callerDirectory }: JobRequest,
  setup: SparkSetup,
): Promise<number> {
  const file = path.join(setup.spark.home, 'bin', program);
  const env = definedOnly({ ...context.env, ...setupEnvironment(setup), ...pythons(context, setup) });
  handOverSignals();
  if ([host.stdin, host.stdout, host.stderr].some((each) => each.isTTY === true))
    return runInForeground(file, words, { env, cwd: callerDirectory, onInterrupt, sharesTerminal: true });
  return runGuarded(file, words, {
    env,
    cwd: callerDirectory,
    stdout: [host.stdout],
    stderr: [host.stderr],
    onInterrupt,
    graceMs: GRACE_MS,
    endsWithParent: context.env['AIRFLOW_CTX_DAG_ID'] !== undefined,
    onStarted: async () => {},
  });
}

/** Unless somebody says another, the Python that has this Spark's packages. */
function pythons({ env }: Pick<Context, 'env'>, { spark }: SparkSetup): Record<string, string> {
  return env['PYSPARK_PYTHON'] ? {} : { PYSPARK_PYTHON: spark.python };
}
