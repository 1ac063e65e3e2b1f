import type { Duplex } from 'node:stream';
import { Command, InvalidArgumentError, Option } from 'commander';
import { runDag } from '../dagruns/runDag.ts';
import type { RunDagOptions } from '../dagruns/runRequest.ts';
import { watchRuns } from '../dagruns/watchRuns.ts';
import { canAsk } from '../ui/confirm.ts';
import { debugOnTerminal } from '../ui/debugOnTerminal.ts';
import { askQuestion } from '../ui/question.ts';
import { createRunRenderer, type RenderMode } from '../ui/runRenderer.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { sayHiddenRows, seedBeforeFirstRun } from './seedFirst.ts';
import { checkMayRun, readTarget } from './runTarget.ts';
import { targetProject } from './targetProject.ts';
import { parseConf, parseDate, parseDuration, readEnvironmentFiles } from './runDagArguments.ts';

interface Flags extends GlobalOptions {
  readonly dagId?: string;
  readonly conf?: Record<string, unknown>;
  readonly logicalDate?: string;
  readonly replace?: boolean;
  readonly task?: string;
  readonly markSuccess?: string;
  readonly retries: number;
  readonly timeout?: number;
  readonly envFile?: readonly string[];
  readonly watch?: boolean;
  readonly debug?: number | true;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly plain?: boolean;
  readonly verbose?: boolean;
  readonly runner: boolean;
  readonly stock?: boolean;
}

const DEBUGPY_PORT = 5678;

export function runDagCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('run-dag')
    .summary('run one DAG, operator or sensor file')
    .description(
      'Runs a DAG with dag.test() on a real Airflow and shows every task. A file with a ' +
        '`__main__` block runs that block; arguments after -- reach it. Needs no configuration and no running stack. ' +
        'Before the first run with a database the seed files are stored in it.',
    )
    .argument('<file|dag-id>', 'a Python file, or the id of a DAG in this project')
    .argument('[arguments...]', 'arguments for the `__main__` block of the file, after --')
    .option('--dag-id <id>', 'which DAG, where the file has several')
    .option('-c, --conf <json>', 'configuration of the DAG run: a JSON object, or @FILE', parseConf)
    .option('--logical-date <date>', 'ISO 8601; now by default', parseDate)
    .option('--replace', 'delete an earlier run of the same logical date')
    .option('-t, --task <regex>', 'run only the tasks that match')
    .option('--mark-success <regex>', 'do not run the tasks that match, mark them successful')
    .option('--retries <n>', 'retries of each task, without their delays', parseCount, 0)
    .option('--timeout <duration>', 'stop the run after this long: 90, 90s, 5m', parseDuration)
    .option('--env-file <file>', 'environment variables for the run (repeatable)', collect)
    .option('-w, --watch', 'run again when the file, or anything it imports from the repositories, is saved')
    .addOption(
      new Option(
        '--debug [port]',
        `wait for a debugger (debugpy) on this port, ${DEBUGPY_PORT} by default`,
      ).argParser(parseCount),
    )
    .option('--json', 'one JSON object a line for each event')
    .option('-q, --quiet', 'only the result')
    .option('--plain', 'plain lines, also on a terminal')
    .option('-v, --verbose', "Airflow's own log lines, too")
    .option('--no-runner', 'a fresh interpreter instead of the warm runner')
    .option('--stock', 'an untouched Airflow: nothing of it is replaced, and no runner is used')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, rest: string[], _flags: unknown, command: Command) => {
      finish(await run(commandHost, target, rest, command.optsWithGlobals<Flags>()));
    });
}

const EXAMPLES = `
Examples:
  devenv run-dag dags/orders.py
  devenv run-dag orders --conf '{"day": "2026-01-31"}' --task 'load.*'
  devenv run-dag plugins/operators/ship.py -- --dry-run
  devenv run-dag dags/orders.py --watch

Exit codes: 0 success; 1 failed run, broken import or timeout; 2 misuse; 130, 143 ended by a signal.
`;

async function run(
  commandHost: CommandHost,
  target: string,
  rest: readonly string[],
  flags: Flags,
): Promise<number> {
  const { host } = commandHost;
  const isFollowed = canAsk(host) && flags.json !== true && flags.quiet !== true;
  const asks = isFollowed && flags.runner && flags.stock !== true;
  const renderer = await createRunRenderer({
    mode: renderMode(flags),
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
    verbose: flags.verbose ?? false,
    now: Date.now,
    asks,
  });
  try {
    const context = commandContext(commandHost, flags, (event) => renderer.progress(event));
    const { file, dagId } = await readTarget(context, target);
    const project = await targetProject(context, { file, configFile: flags.config });
    await checkMayRun(file, project);
    await seedBeforeFirstRun(context, project, {
      say: (line) => renderer.note(line),
      quiet: flags.quiet === true,
    });
    const extraEnvironment = await readEnvironmentFiles(flags.envFile ?? [], (line) => renderer.note(line));
    if (flags.quiet !== true) {
      const env = { ...project.airflow.env, ...host.env, ...extraEnvironment };
      await sayHiddenRows(project, env, (line) => renderer.note(line));
    }
    const options = runDagOptions(flags, file, dagId, rest);
    const control = {
      emit: renderer.run.bind(renderer),
      note: renderer.note.bind(renderer),
      onInterrupt: commandHost.onInterrupt,
      ask: asks ? askQuestion.bind(undefined, host) : undefined,
      debug: isFollowed
        ? (conversation: Duplex) => {
            renderer.handOver();
            return debugOnTerminal(host, conversation);
          }
        : undefined,
      extraEnvironment,
    };
    if (flags.watch) return await watchRuns(context, project, options, control);
    return await runDag(context, project, options, control);
  } finally {
    await renderer.close();
  }
}

function runDagOptions(
  flags: Flags,
  file: string | undefined,
  dagId: string | undefined,
  rest: readonly string[],
): RunDagOptions {
  return {
    file,
    dagId: dagId ?? flags.dagId,
    arguments: rest,
    conf: flags.conf,
    logicalDate: flags.logicalDate,
    replace: flags.replace ?? false,
    taskPattern: flags.task,
    markSuccessPattern: flags.markSuccess,
    retries: flags.retries,
    timeout: flags.timeout,
    debugPort: flags.debug === true ? DEBUGPY_PORT : flags.debug,
    reportSources: flags.watch ?? false,
    useRunner: flags.runner,
    stock: flags.stock ?? false,
  };
}

function renderMode(flags: Flags): RenderMode {
  if (flags.json) return 'json';
  if (flags.quiet) return 'quiet';
  return flags.plain ? 'plain' : 'auto';
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function parseCount(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(value);
}
