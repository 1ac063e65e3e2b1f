import { connectToAirflow } from '../airflow/restApi/connectToAirflow.ts';
import type { AirflowApi } from '../airflow/restApi/airflowApi.ts';
import { accessKey, ensureKeys } from '../airflow/keys.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runInForeground } from '../platform/foregroundProcess.ts';
import { stopUntilContinued } from '../platform/jobControl.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { withBrokenPlugins } from '../stack/brokenPlugins.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import { currentView } from '../stack/currentView.ts';
import type { StackRequest } from '../stack/protocol.ts';
import type { DashboardOptions } from '../ui/tui/dashboard.ts';
import type { DashboardActions } from '../ui/tui/dashboardActions.ts';
import type { GlobalOptions } from './commandContext.ts';
import { enterAddress, openEntered } from './open.ts';
import type { CommandHost } from './commandHost.ts';
import { stopStack, type StackWork } from './stackCommand.ts';

/** Whether this command may take the whole terminal. */
export async function canShowDashboard({ host }: CommandHost): Promise<boolean> {
  const { canOpenDashboard } = await import('../ui/tui/dashboard.ts');
  return canOpenDashboard({ stdin: host.stdin, stdout: host.stdout, env: host.env });
}

/** Shows a running stack until the person leaves; stops the stack if asked to. Gives the exit code. */
export async function showDashboard(
  commandHost: CommandHost,
  options: GlobalOptions,
  work: StackWork,
): Promise<number> {
  const { host } = commandHost;
  const { context, project, renderer } = work;
  const runtime = await runtimeDirectory(context, project.root);
  const { openDashboard } = await import('../ui/tui/dashboard.ts');
  // From here on Ctrl+C is a question on the screen, and not the end of the command.
  commandHost.handOverSignals();
  renderer.handOver();
  const result = await openDashboard({
    stdin: host.stdin,
    stdout: host.stdout,
    env: host.env,
    now: Date.now,
    ...(await stackSource(context, project, runtime)),
    actions: dashboardActions(commandHost, options, work, runtime),
    onInterrupt: commandHost.onInterrupt,
  } satisfies DashboardOptions);
  const current = await connectToSupervisor(runtime);
  if (result === 'stop' && current !== undefined) await stopStack(current, renderer);
  else if (current !== undefined)
    renderer.note('The stack goes on: devenv attach shows it, devenv down stops it.');
  return 0;
}

/** Connections to whichever supervisor there is, and the API of the last one. */
async function stackSource(
  context: Context,
  project: Project,
  runtime: string,
): Promise<Pick<DashboardOptions, 'connect' | 'api'>> {
  const key = accessKey(await ensureKeys(project.stateDirectory));
  let api: AirflowApi | undefined;
  return {
    api: () => api,
    connect: async () => {
      const connection = await connectToSupervisor(runtime);
      if (connection === undefined) return undefined;
      const { url, airflowVersion } = await currentView(connection, context.signal);
      if (url !== undefined) {
        const airflow = connectToAirflow({ url, airflowVersion, accessKey: key, fetch });
        api = withBrokenPlugins(airflow, project.stateDirectory);
      }
      return connection;
    },
  };
}

function dashboardActions(
  commandHost: CommandHost,
  options: GlobalOptions,
  { context, project }: StackWork,
  runtime: string,
): DashboardActions {
  const ask = async (request: StackRequest): Promise<void> => {
    const connection = await connectToSupervisor(runtime);
    for await (const _ of connection?.request(request) ?? []);
  };
  return {
    openUi: () => openUi(context, project),
    runDag: (target) => runOurselves(commandHost, options, context, ['run-dag', target]),
    restart: (service) =>
      ask({ kind: 'restart', services: service === undefined ? [] : [service], wait: false }),
    start: (service) => ask({ kind: 'start', services: [service], wait: false }),
    stop: (service) => ask({ kind: 'stop', services: [service] }),
    reload: () => ask({ kind: 'reload', files: [] }),
    suspend: () => stopUntilContinued(),
  };
}

async function openUi(context: Context, project: Project): Promise<void> {
  const { url } = await enterAddress(context, project, '/');
  if (await openEntered(context, project, url)) return;
  throw new DevenvError({
    code: 'no_browser',
    what: 'There is no browser to open.',
    next: ['devenv open --print prints an address to open elsewhere'],
  });
}

/** Another command of ours, with the terminal for itself. */
async function runOurselves(
  { host, onInterrupt }: CommandHost,
  options: GlobalOptions,
  context: Context,
  words: readonly string[],
): Promise<void> {
  const config = options.config === undefined ? [] : ['--config', options.config];
  await runInForeground(host.execPath, [host.argv[1] ?? '', ...config, ...words], {
    env: host.env,
    cwd: context.workingDirectory,
    onInterrupt,
    sharesTerminal: true,
  });
}
