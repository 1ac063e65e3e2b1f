import { Command, InvalidArgumentError } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import { readLogs } from '../stack/readLogs.ts';
import { SERVICE_NAMES } from '../stack/serviceNames.ts';
import { createLogOutput } from '../ui/logOutput.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { parseDuration } from './runDagArguments.ts';

interface Flags extends GlobalOptions {
  readonly follow?: boolean;
  readonly since?: number;
  readonly grep?: RegExp;
  readonly lines?: number;
  readonly json?: boolean;
}

const LINES = 200;

export function logsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('logs')
    .summary('what the services say')
    .description(
      'Shows the last lines of the services of this project; without a running stack, those of the last one. ' +
        `Services: ${SERVICE_NAMES.join(', ')}.`,
    )
    .argument('[services...]', 'only these')
    .option('-f, --follow', 'go on with new lines until Ctrl+C')
    .option('--since <duration>', 'not older than this: 90s, 10m, 2h', parseDuration)
    .option('--grep <regex>', 'only lines that match (JavaScript); (?i:…) ignores case', parsePattern)
    .option(
      '-n, --lines <number>',
      `the last so many; default ${LINES}, all with --since or --grep`,
      parseLines,
    )
    .option('--json', 'NDJSON: one object a line')
    .action(async (services: string[], _flags: unknown, command: Command) => {
      finish(await logs(commandHost, services, command.optsWithGlobals<Flags>()));
    });
}

async function logs(commandHost: CommandHost, services: readonly string[], flags: Flags): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, flags, () => {});
  const project = await loadProject(context, { configFile: flags.config });
  const connection = await connectToSupervisor(await runtimeDirectory(context, project.root));
  const write = createLogOutput({
    stdout: host.stdout,
    env: host.env,
    json: flags.json === true,
    showService: services.length !== 1,
  });
  const filtered = flags.since !== undefined || flags.grep !== undefined;
  const request = {
    services,
    lines: flags.lines ?? (filtered ? Infinity : LINES),
    follow: flags.follow === true,
    since: flags.since === undefined ? undefined : context.now() - flags.since,
    pattern: flags.grep,
  };
  const stack = { stateDirectory: project.stateDirectory, connection };
  for await (const line of readLogs(stack, request, context.signal)) write(line);
  return 0;
}

function parsePattern(value: string): RegExp {
  try {
    return new RegExp(value, 'u');
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function parseLines(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(value);
}
