import { Command, Option } from 'commander';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { projectSpec } from '../dagruns/runnerSpec.ts';
import { OURS, withWaitsTold } from '../database/locks/watchWaits.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { connectToSupervisor, untilSupervisorGone } from '../stack/connection.ts';
import { currentView } from '../stack/currentView.ts';
import type { StackView } from '../stack/events.ts';
import { assertServices, stackDefinitions } from '../stack/stackDefinitions.ts';
import { settingsStamp } from '../stack/settingsStamp.ts';
import type { StackConnection, StackRequest } from '../stack/protocol.ts';
import type { UpRenderer } from '../ui/upRendering.ts';
import type { CommandHost } from './commandHost.ts';
import { parseDuration } from './runDagArguments.ts';
import { seedOnUp } from './seedFirst.ts';
import { stackCommand, stopStack, type OutputFlags, type StackWork } from './stackCommand.ts';
import { canShowDashboard, showDashboard } from './stackDashboard.ts';
import { parsePort } from './upArguments.ts';

interface Flags extends OutputFlags {
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
  readonly keepFailed?: boolean;
  readonly port?: number;
  readonly fork: boolean;
  readonly stock?: boolean;
}

export function upCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('up')
    .summary('start the stack: scheduler, dag-processor, triggerer, API and UI, Postgres')
    .description(
      'Starts the local Airflow stack, waits until it is healthy, and stores what the seed files have and the ' +
        'database does not. On a terminal it then shows the dashboard.',
    )
    .argument('[services...]', 'only these, and what they need')
    .option('-d, --detach', 'return when the stack is ready, also on a terminal')
    .option('--dry-run', 'print what would be done')
    .option('--no-wait', 'return as soon as the supervisor has begun')
    .option('--timeout <duration>', 'give up waiting after this long: 90s, 5m', parseDuration)
    .option('--keep-failed', 'when a service fails, leave the others running')
    .option(
      '--port <number>',
      'port of UI and API; default: the one of last time, else 8080 or the next',
      parsePort,
    )
    .option('--no-fork', 'start each service by itself instead of forking it')
    .option('--stock', 'an untouched Airflow: nothing of it is replaced, and each service starts by itself')
    .addOption(new Option('--json', 'NDJSON events on stdout').conflicts(['quiet', 'plain']))
    .option('--plain', 'one line for each change, no redrawing')
    .option('-q, --quiet', 'only the URL, and what went wrong')
    .action(async (services: string[], _flags: unknown, command: Command) => {
      finish(await up(commandHost, services, command.optsWithGlobals<Flags>()));
    });
}

async function up(commandHost: CommandHost, services: readonly string[], given: Flags): Promise<number> {
  const { host } = commandHost;
  const flags = given.stock === true ? { ...given, fork: false } : given;
  return stackCommand(commandHost, flags, async ({ context: plain, project, renderer }) => {
    const context = flags.stock === true ? untouched(plain) : plain;
    if (flags.dryRun === true) return dryRun(context, project, services, flags, renderer);
    assertServices(stackDefinitions(project, flags.fork), services);
    const { ensureSupervisor } = await import('../stack/startSupervisor.ts');
    const before = await stackBefore({ context, project, renderer }, flags.port);
    const connection = await ensureSupervisor(context, project, {
      program: [host.execPath, host.argv[1] ?? ''],
      configFile: flags.config,
      port: flags.port,
      forks: flags.fork,
    });
    const watched = flags.detach !== true && !hasOutputFlag(flags) && (await canShowDashboard(commandHost));
    const told = <T>(work: () => Promise<T>): Promise<T> => withWaitsTold(context, project, OURS, work);
    const quiet = flags.quiet === true;
    // Those that want to see nothing else see what has failed.
    const say = (line: string): void => (quiet ? renderer.problem(line) : renderer.note(line));
    const seed = (): Promise<boolean> => seedOnUp(context, project, { say, quiet });
    if (!watched) {
      const code = await told(() => start(connection, services, flags, { renderer, commandHost, before }));
      return code === 0 && flags.wait && !(await seed()) ? 1 : code;
    }
    await start(connection, services, { ...flags, wait: false }, { renderer, commandHost, before });
    await seed();
    return showDashboard(commandHost, flags, { context, project, renderer });
  });
}

/** Every process of Airflow inherits it: `airflow_devenv/contract/accelerators.py`. */
function untouched(context: Context): Context {
  return { ...context, env: { ...context.env, AIRFLOW_DEVENV_WITHOUT: 'stock' } };
}

interface Surroundings {
  readonly renderer: UpRenderer;
  readonly commandHost: CommandHost;
  /** What ran already; undefined for nothing. */
  readonly before: StackView | undefined;
}

/** The stack that runs, unless it was made from other settings: then it is stopped here. */
async function stackBefore(
  { context, project, renderer }: StackWork,
  port: number | undefined,
): Promise<StackView | undefined> {
  const connection = await connectToSupervisor(await runtimeDirectory(context, project.root));
  if (connection === undefined) return undefined;
  const view = await currentView(connection, context.signal);
  if (view.status === 'stopping') {
    renderer.note('The stack is just being stopped; it is started when that is done.');
    await untilSupervisorGone(connection, context.signal);
    return undefined;
  }
  const { settings, url } = view;
  const isMoved = port !== undefined && url !== undefined && new URL(url).port !== String(port);
  if (isMoved) renderer.note(`The stack runs at ${url}: it is stopped, and started on port ${port}.`);
  else if (settings === undefined || settings === settingsStamp(project, await projectSpec(context, project)))
    return view;
  else renderer.note('Settings have changed since the stack was started: it is started anew.');
  await stopStack(connection, renderer, context.signal);
  return undefined;
}

async function start(
  connection: StackConnection,
  services: readonly string[],
  flags: Flags,
  { renderer, commandHost, before }: Surroundings,
): Promise<number> {
  const timeout = flags.timeout === undefined ? undefined : AbortSignal.timeout(flags.timeout);
  const signal = AbortSignal.any([commandHost.signal, ...(timeout === undefined ? [] : [timeout])]);
  const request: StackRequest = { kind: 'start', services, wait: flags.wait };
  try {
    for await (const event of connection.request(request, signal)) renderer.event(event);
    return 0;
  } catch (error) {
    // What was started only half is of no use, and would be in the way of the next try; what ran before is.
    if (flags.keepFailed !== true && before === undefined) {
      const { aborted } = commandHost.signal;
      renderer.note(`Stopping what was started…${aborted ? ' press Ctrl+C again to leave it' : ''}`);
      await stopStack(connection, renderer, aborted ? secondInterrupt(commandHost) : commandHost.signal);
    }
    if (timeout?.aborted === true && !commandHost.signal.aborted) throw notReadyInTime(flags.timeout ?? 0);
    throw error;
  }
}

/** The first one has led to what it interrupts. */
function secondInterrupt({ onInterrupt }: CommandHost): AbortSignal {
  const controller = new AbortController();
  onInterrupt(() => controller.abort(new DevenvError({ code: 'interrupted', what: 'Interrupted.' })));
  return controller.signal;
}

/** Who asks for a form of output wants lines. */
function hasOutputFlag(flags: Flags): boolean {
  return flags.json === true || flags.plain === true || flags.quiet === true;
}

async function dryRun(
  context: Context,
  project: Project,
  services: readonly string[],
  flags: Flags,
  renderer: UpRenderer,
): Promise<number> {
  const { planUp } = await import('../stack/planUp.ts');
  const lines = await planUp(context, project, {
    services,
    forks: flags.fork && context.platform === 'linux',
  });
  for (const line of lines) renderer.note(line);
  return 0;
}

function notReadyInTime(milliseconds: number): DevenvError {
  return new DevenvError({
    code: 'stack_not_ready',
    what: `The stack was not ready after ${milliseconds / 1000} s.`,
    next: ['devenv logs shows what its services say', 'devenv up --timeout 10m waits longer'],
  });
}
