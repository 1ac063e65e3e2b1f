import { Command } from 'commander';
import { ensureEnvironment } from '../airflow/environment.ts';
import { loadProject } from '../config/loadProject.ts';
import { environmentRequest } from '../dagruns/runnerSpec.ts';
import { DevenvError } from '../errors.ts';
import { describePlan } from '../spark/describePlan.ts';
import { findRun, readLog } from '../spark/findRun.ts';
import { listRuns } from '../spark/runRecords.ts';
import { planJob, readJob } from '../spark/sparkJob.ts';
import { sparkSetup } from '../spark/sparkSetup.ts';
import { installSparkStandIn } from '../spark/standIn.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { writeLines } from '../ui/output.ts';
import { sparkRunTable } from '../ui/sparkReport.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly json?: boolean;
}

/** A run that is only planned has no folder. */
const NO_FOLDER = '/run';

export function sparkCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('spark')
    .summary('Spark jobs that ran in this project')
    .description(
      'Jobs that tasks submitted to YARN run on this machine: what ran, with which arguments, how long, and what it printed.',
    )
    .addCommand(listCommand(commandHost, finish))
    .addCommand(logsCommand(commandHost, finish))
    .addCommand(planCommand(commandHost, finish))
    .addCommand(installCommand(commandHost, finish))
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  devenv spark list
  devenv spark logs                        of the last job
  devenv spark plan -- --master yarn --deploy-mode cluster job.py
`;

function listCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('list')
    .summary('the last jobs')
    .description('Lists the last 50 jobs, the newest last.')
    .option('--json', 'one JSON object on stdout')
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { host } = commandHost;
      const context = commandContext(commandHost, flags, () => {});
      const project = await loadProject(context, { configFile: flags.config });
      const runs = (await listRuns(project.stateDirectory)).toReversed();
      const style = createStyle(useColor(host.stdout, host.env));
      const lines =
        flags.json === true ? [JSON.stringify({ v: 1, runs })] : sparkRunTable(runs, context.now(), style);
      writeLines(host.stdout, lines);
      finish(0);
    });
}

function logsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('logs')
    .summary('what a job printed')
    .description("Shows what a job's driver has printed, standard output and error together.")
    .argument('[application]', 'id of the job, or the end of it; default: the last one')
    .option('--json', 'one JSON object on stdout: the record, and the log as text')
    .action(async (id: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const context = commandContext(commandHost, flags, () => {});
      const { stateDirectory } = await loadProject(context, { configFile: flags.config });
      const run = await findRun(stateDirectory, id);
      const log = await readLog(stateDirectory, run.id);
      const lines = flags.json === true ? [JSON.stringify({ v: 1, run, log })] : log.trimEnd().split('\n');
      writeLines(commandHost.host.stdout, lines);
      finish(0);
    });
}

function planCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('plan')
    .summary('what a command line of spark-submit becomes')
    .description('Shows how a job for YARN would be run on this machine, and runs nothing.')
    .argument('<arguments...>', 'everything behind -- is the command line of spark-submit')
    .action(async (words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { host } = commandHost;
      const progress = createCommandProgress(host);
      const context = commandContext(commandHost, flags, progress.emit);
      const project = await loadProject(context, { configFile: flags.config });
      const callerDirectory = context.workingDirectory;
      const submission = await readJob(context, project, { program: 'spark-submit', words, callerDirectory });
      if (submission === undefined) throw notForYarn();
      const setup = await sparkSetup(context, project, await airflowFolder(commandHost, flags));
      progress.close();
      const plan = planJob(context, project, { submission, callerDirectory, runDirectory: NO_FOLDER }, setup);
      writeLines(host.stdout, describePlan(plan));
      finish(0);
    });
}

function notForYarn(): DevenvError {
  return new DevenvError({
    code: 'spark_not_for_yarn',
    what: 'This command line is given to Spark as it is.',
    why: 'It does not name yarn for a master, or Spark would complain about it.',
    next: ['Name the master: devenv spark plan -- --master yarn …'],
    misuse: true,
  });
}

function installCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('install')
    .summary('have Spark ready before the first job')
    .description(
      'Installs the Spark that devenv.yaml names, and looks for a Java. The first job does the same by itself.',
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { host } = commandHost;
      const progress = createCommandProgress(host);
      const context = commandContext(commandHost, flags, progress.emit);
      const project = await loadProject(context, { configFile: flags.config });
      await installSparkStandIn(project);
      const { spark, java } = await sparkSetup(context, project, await airflowFolder(commandHost, flags));
      progress.close();
      const runtime = `Java ${java.major ?? 'of unknown version'} at ${java.home}`;
      writeLines(host.stdout, [`Spark ${spark.version} at ${spark.home}, ${runtime}`]);
      finish(0);
    });
}

/** pyspark may be among the project's requirements. */
async function airflowFolder(commandHost: CommandHost, flags: GlobalOptions): Promise<string | undefined> {
  const context = commandContext(commandHost, flags, () => {});
  const project = await loadProject(context, { configFile: flags.config });
  if (project.spark?.version !== undefined) return undefined;
  return (await ensureEnvironment(context, environmentRequest(project))).directory;
}
