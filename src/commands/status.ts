import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { definedOnly } from '../platform/definedOnly.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { STACK_EVENTS_VERSION } from '../stack/events.ts';
import { brokenPlugins } from '../stack/brokenPlugins.ts';
import { overviewStacks } from '../stack/stackOverview.ts';
import { writeLines } from '../ui/output.ts';
import { statusReport } from '../ui/statusReport.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly json?: boolean;
}

export function statusCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('status')
    .summary('what runs of the stack of this project, and where')
    .description(
      'Shows the services of the stack with state, age, CPU and memory, its address, and how scripts get in.',
    )
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExit codes: 0 the stack is ready; 1 it is not, or does not run; 2 misuse.\n')
    .action(async (_flags: unknown, command: Command) => {
      finish(await status(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function status(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, flags, () => {});
  const project = await loadProject(context, { configFile: flags.config });
  const runtime = await runtimeDirectory(context, project.root);
  const [found] = await overviewStacks([runtime], context.platform, definedOnly(context.env));
  if (found === undefined) throw new Error('no overview of this project');
  const { stack, preloaded, database } = found;
  const hdfs = await runningHdfs(context, project);
  const plugins = await brokenPlugins(project.stateDirectory);
  const model = { ...found, project: project.root, plugins, ...(hdfs === undefined ? {} : { hdfs }) };
  if (flags.json === true) {
    const answer = { v: STACK_EVENTS_VERSION, project: project.root, running: stack !== undefined };
    writeLines(host.stdout, [
      JSON.stringify({
        ...answer,
        stack: stack ?? null,
        preloaded,
        database: database ?? null,
        brokenPlugins: plugins,
        ...(hdfs === undefined ? {} : { hdfs }),
      }),
    ]);
  } else {
    const style = createStyle(useColor(host.stdout, host.env));
    writeLines(host.stdout, statusReport(model, context.now(), style));
  }
  return stack?.status === 'ready' ? 0 : 1;
}

/** The server of HDFS runs without a stack, too. */
async function runningHdfs(
  context: Context,
  project: Project,
): Promise<{ readonly pid: number; readonly url: string } | undefined> {
  if (project.hdfs === undefined) return undefined;
  const { runningServer } = await import('../hdfs/daemon/hdfsRecord.ts');
  const { placeUrl } = await import('../hdfs/daemon/hdfsPlace.ts');
  const server = await runningServer(project.stateDirectory, context.platform);
  return server && { pid: server.pid, url: placeUrl(server) };
}
