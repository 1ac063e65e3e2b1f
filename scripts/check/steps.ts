import { missingForCluster, missingForOtherUser } from './needs.ts';
import { pythonTool } from './pythonTools.ts';
import { readJunitReport, type ReadReport, readVitestReport } from './reports.ts';

export interface Step {
  readonly name: string;
  /** All of them run, also when one fails. */
  readonly commands: (filters: readonly string[]) => Promise<readonly Command[]>;
  /**
   * What the step lacks on this machine, as one sentence. Then it is not run and says so, but where
   * DEVENV_TEST_REQUIRE names it, as CI does, that is a failure.
   */
  readonly missing?: () => Promise<string | undefined>;
}

export interface Command {
  readonly words: readonly [string, ...string[]];
  /** From the root of the repository. */
  readonly folder?: string;
  /** For test runs: the report they write, and how to read it. Their output is shown as it comes. */
  readonly report?: { readonly file: string; readonly read: ReadReport };
}

const PYTHON_FOLDER = 'src/airflow/python';
const MINUTES = 60_000;

/** CI ends a run after 90 minutes; whoever waits should learn which test hangs. */
export const LONGEST_MS = 55 * MINUTES;

export const STEPS: readonly Step[] = [
  check('types', 'tsc', '--noEmit'),
  check(
    'lint',
    'oxlint',
    '--deny-warnings',
    '--type-aware',
    'src',
    'test',
    'scripts',
    'bench',
    'vitest.config.ts',
  ),
  check('format', 'prettier', '--check', '--log-level=warn', '.'),
  check('unused', 'knip'),
  vitest('unit'),
  { name: 'python', commands: pythonCommands },
  vitest('e2e'),
  vitest('stack'),
  vitest('data'),
  vitest('hdfs'),
  vitest('spark'),
  vitest('versions'),
  { ...vitest('hostile'), missing: missingForOtherUser },
  { ...vitest('kubernetes'), missing: missingForCluster },
];

function check(name: string, ...words: [string, ...string[]]): Step {
  return { name, commands: async () => [{ words }] };
}

function vitest(project: string): Step {
  const file = `test-results/${project}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return {
    name: project,
    commands: async (filters) => [
      {
        words: ['vitest', 'run', '--project', project, ...reporters, ...filters],
        report: { file, read: readVitestReport },
      },
    ],
  };
}

async function pythonCommands(filters: readonly string[]): Promise<readonly Command[]> {
  const [ruff, mypy, pytest] = await Promise.all(['ruff', 'mypy', 'pytest'].map(pythonTool));
  const file = 'test-results/python.xml';
  const selection = filters.flatMap((filter) => ['-k', filter]);
  return [
    { words: [ruff!, 'check', '.', '../../../test/python'], folder: PYTHON_FOLDER },
    { words: [ruff!, 'format', '--check', '--diff', '.', '../../../test/python'], folder: PYTHON_FOLDER },
    { words: [mypy!], folder: PYTHON_FOLDER },
    {
      words: [pytest!, `--junitxml=../../../${file}`, ...selection],
      folder: PYTHON_FOLDER,
      report: { file, read: readJunitReport },
    },
  ];
}
