import { defineConfig } from 'vitest/config';

const MINUTES = 60_000;

/** `devenv up` and what goes with it. */
const STACK = ['test/e2e/stack*.e2e.test.ts', 'test/e2e/dashboard.e2e.test.ts', 'test/e2e/parse.e2e.test.ts'];
/** What is in the database, and who holds it. */
const DATA = ['seed', 'secretsFile', 'unlockdb', 'snapshot*', 'db', 'soak'].map(
  (name) => `test/e2e/${name}.e2e.test.ts`,
);

/** The mock HDFS: real clients of it, some of them in Java. */
const HDFS = ['test/hdfs/**/*.e2e.test.ts', 'test/e2e/hdfs*.e2e.test.ts'];

/** Spark jobs for YARN, with real Sparks and Airflow's operators for them. */
const SPARK = ['test/spark/**/*.e2e.test.ts', 'test/e2e/spark*.e2e.test.ts'];

/** Another user of the machine against a running stack; needs root, to act as one. */
const HOSTILE = ['test/e2e/hostile*.e2e.test.ts'];
/** What needs a Docker engine; `scripts/check/steps.ts` says what else. */
const KUBERNETES = ['test/e2e/kubernetes*.e2e.test.ts'];

/** Other releases of Airflow than the two that everything is tested with: each is installed. */
const VERSIONS = ['test/e2e/versions.e2e.test.ts'];

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test'), __NODE_MINIMUM__: JSON.stringify('22.12') },
  test: {
    // Most of a test with real services is waiting: two files at once are done in little more than half the time.
    // Each has a project, sockets and, where it damages one, a cache of its own.
    maxWorkers: 2,
    // What a command printed is in what differs, and all of it may tell why.
    diff: { expand: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.e2e.test.ts'],
          testTimeout: 30_000,
        },
      },
      endToEnd(
        'e2e',
        ['test/**/*.e2e.test.ts'],
        [...STACK, ...DATA, ...HDFS, ...SPARK, ...HOSTILE, ...KUBERNETES, ...VERSIONS],
      ),
      endToEnd('stack', STACK),
      endToEnd('data', DATA),
      endToEnd('hdfs', HDFS),
      endToEnd('spark', SPARK),
      endToEnd('hostile', HOSTILE),
      endToEnd('kubernetes', KUBERNETES),
      endToEnd('versions', VERSIONS),
    ],
  },
});

/** A group of tests with real Airflows, databases and processes. */
function endToEnd(name: string, include: string[], exclude: string[] = []) {
  return {
    extends: true as const,
    test: {
      name,
      include,
      exclude: ['**/node_modules/**', ...exclude],
      globalSetup: ['test/support/airflowEnvironments.ts'],
      testTimeout: 5 * MINUTES,
      hookTimeout: 15 * MINUTES,
    },
  };
}
