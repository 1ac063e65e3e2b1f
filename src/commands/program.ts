import { Command, CommanderError } from 'commander';
import type { OnInterrupt } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { wantsJson } from '../ui/writeError.ts';
import { version } from '../version.ts';
import { airflowCommand } from './airflow.ts';
import { apiCommand } from './api.ts';
import { artifactsCommand } from './artifacts.ts';
import { attachCommand } from './attach.ts';
import { completionCommand } from './completion.ts';
import { dbCommand } from './db.ts';
import { doctorCommand } from './doctor.ts';
import { downCommand } from './down.ts';
import { envCommand } from './env.ts';
import { hadoopStandInCommand } from './hadoopCommand.ts';
import { hdfsCommand } from './hdfs.ts';
import { hdfsServerCommand } from './hdfsServer.ts';
import { imageCommand } from './image.ts';
import { initCommand } from './init.ts';
import { listCommand } from './list.ts';
import { logsCommand } from './logs.ts';
import { openCommand } from './open.ts';
import { packageCommand } from './package.ts';
import { separatePassedArguments, withDefaultCommand } from './passThrough.ts';
import { kubectlCommand } from './kubectl.ts';
import { podsCommand } from './pods.ts';
import { psqlCommand } from './psql.ts';
import { pythonCommand } from './python.ts';
import { reloadDagsCommand } from './reloadDags.ts';
import { restartCommand } from './restart.ts';
import { runDagCommand } from './runDag.ts';
import { secretsCommand } from './secrets.ts';
import { seedCommand } from './seed.ts';
import { shellCommand } from './shell.ts';
import { snapshotCommand } from './snapshot.ts';
import { sparkCommand } from './spark.ts';
import { sparkProgramCommand } from './sparkSubmit.ts';
import { yarnCommand } from './sparkYarn.ts';
import { statusCommand } from './status.ts';
import { superviseCommand } from './supervise.ts';
import { tokenCommand } from './token.ts';
import { trustCommand } from './trust.ts';
import { unlockdbCommand } from './unlockdb.ts';
import { upCommand } from './up.ts';

/** What every command gets from the process it runs in. */
export interface CommandHost {
  readonly host: NodeJS.Process;
  readonly onInterrupt: OnInterrupt;
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** From now on signals are a child's: they neither abort our work nor end us. */
  readonly handOverSignals: () => void;
}

/** Parses the command line and runs the command; gives the exit code. */
export async function program(commandHost: CommandHost): Promise<number> {
  let exitCode = 0;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const root = buildProgram(commandHost, finish);
  const { argv, stdin, stdout } = commandHost.host;
  try {
    await root.parseAsync(separatePassedArguments(withDefaultCommand(argv, stdin.isTTY && stdout.isTTY)));
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (wantsJson(commandHost.host.argv)) throw misuse(error);
    return 2;
  }
  return exitCode;
}

/** The whole command line, also for the completion scripts and the docs. */
export function buildProgram(commandHost: CommandHost, finish: (code: number) => void): Command {
  const root = new Command('devenv')
    .description(
      'A real, personal Airflow: runs any DAG with one command. Without a command, on a terminal: devenv up.',
    )
    .version(version(), '-V, --version')
    .option('-C, --directory <folder>', 'work as if started in this folder')
    .option('--config <file>', 'use this devenv.yaml')
    .showHelpAfterError('(devenv --help lists the commands)')
    .exitOverride();
  if (wantsJson(commandHost.host.argv)) root.configureOutput({ writeErr: () => {} });
  root.addCommand(runDagCommand(commandHost, finish));
  root.addCommand(upCommand(commandHost, finish));
  root.addCommand(attachCommand(commandHost, finish));
  root.addCommand(downCommand(commandHost, finish));
  root.addCommand(restartCommand(commandHost, finish));
  root.addCommand(reloadDagsCommand(commandHost, finish));
  root.addCommand(seedCommand(commandHost, finish));
  root.addCommand(secretsCommand(commandHost, finish));
  root.addCommand(trustCommand(commandHost, finish));
  root.addCommand(superviseCommand(commandHost, finish), { hidden: true });
  root.addCommand(statusCommand(commandHost, finish));
  root.addCommand(logsCommand(commandHost, finish));
  root.addCommand(openCommand(commandHost, finish));
  root.addCommand(apiCommand(commandHost, finish));
  root.addCommand(tokenCommand(commandHost, finish));
  root.addCommand(listCommand(commandHost, finish));
  root.addCommand(doctorCommand(commandHost, finish));
  root.addCommand(envCommand(commandHost, finish));
  root.addCommand(airflowCommand(commandHost, finish));
  root.addCommand(pythonCommand(commandHost, finish));
  root.addCommand(psqlCommand(commandHost, finish));
  root.addCommand(shellCommand(commandHost, finish));
  root.addCommand(unlockdbCommand(commandHost, finish));
  root.addCommand(snapshotCommand(commandHost, finish));
  root.addCommand(dbCommand(commandHost, finish));
  root.addCommand(hdfsCommand(commandHost, finish));
  root.addCommand(hdfsServerCommand(commandHost, finish), { hidden: true });
  root.addCommand(hadoopStandInCommand(commandHost, finish), { hidden: true });
  root.addCommand(podsCommand(commandHost, finish));
  root.addCommand(kubectlCommand(commandHost, finish));
  root.addCommand(imageCommand(commandHost, finish));
  root.addCommand(sparkCommand(commandHost, finish));
  root.addCommand(artifactsCommand(commandHost, finish));
  root.addCommand(packageCommand(commandHost, finish));
  for (const name of ['spark-submit', 'spark-sql'] as const)
    root.addCommand(sparkProgramCommand(commandHost, name, finish), { hidden: true });
  root.addCommand(yarnCommand(commandHost, finish), { hidden: true });
  root.addCommand(initCommand(commandHost, finish));
  root.addCommand(completionCommand(root, commandHost.host));
  for (const each of root.commands) {
    each.exitOverride().copyInheritedSettings(root).showHelpAfterError(optionsHint(each.name()));
    for (const below of each.commands) {
      const hint = optionsHint(`${each.name()} ${below.name()}`);
      below.exitOverride().copyInheritedSettings(root).showHelpAfterError(hint);
    }
  }
  return root;
}

function optionsHint(command: string): string {
  return `(devenv ${command} --help shows its options)`;
}

/** Commander prints its complaints itself, as text; who reads JSON gets them like every other error. */
function misuse(error: CommanderError): DevenvError {
  const [what = '', ...why] = error.message.replace(/^error: /, '').split('\n');
  return new DevenvError({
    code: 'usage',
    what: `${what[0]?.toUpperCase()}${what.slice(1)}${what.endsWith('.') ? '' : '.'}`,
    ...(why.length === 0 ? {} : { why: why.join(' ') }),
    next: ['devenv --help lists the commands, devenv COMMAND --help the options of one'],
    misuse: true,
    cause: error,
  });
}
