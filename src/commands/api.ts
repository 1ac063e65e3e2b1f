import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import { accessKey, ensureKeys } from '../airflow/keys.ts';
import { API_METHODS, rawRequest, type ApiMethod } from '../airflow/restApi/rawRequest.ts';
import { loadProject } from '../config/loadProject.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { currentView } from '../stack/currentView.ts';
import { writeForeignBytes } from '../ui/foreignBytes.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import { answeringUrl } from './open.ts';
import type { CommandHost } from './commandHost.ts';
import { runningStack } from './stackCommand.ts';

interface Flags extends GlobalOptions {
  readonly data?: string;
}

export function apiCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('api')
    .summary("ask Airflow's REST API, for scripts")
    .description(
      "Sends one request to this project's Airflow, as its admin, and prints the body of the answer. A PATH without a " +
        'leading slash is one of the REST API: `dags` is /api/v2/dags, and /api/v1/dags for Airflow 2. Ends with 0 when ' +
        'the answer is 2xx, else with 1 and the status on standard error. The access key stays in this process.',
    )
    .argument('<words...>', '[METHOD] PATH; GET without a method, POST with --data')
    .option('-d, --data <body>', 'body of the request: JSON, @FILE, or - for standard input')
    .addHelpText('after', EXAMPLES)
    .usage('[options] [METHOD] PATH')
    .action(async (words: readonly string[], _flags: unknown, command: Command) => {
      finish(await api(commandHost, words, command.optsWithGlobals<Flags>()));
    });
}

const EXAMPLES = `
Examples:
  devenv api dags
  devenv api 'dags/orders/dagRuns?limit=5&order_by=-start_date'
  devenv api PATCH dags/orders --data '{"is_paused": false}'
  devenv api variables --data @variable.json
  devenv api /api/v2/monitor/health
`;

async function api(commandHost: CommandHost, words: readonly string[], flags: Flags): Promise<number> {
  const { host, signal } = commandHost;
  const { method, path: apiPath } = readWords(words, flags.data !== undefined);
  const context = commandContext(commandHost, flags, () => {});
  const body = flags.data === undefined ? undefined : await bodyOf(flags.data, context, host);
  const project = await loadProject(context, { configFile: flags.config });
  const view = await currentView(await runningStack(context, project), signal);
  const {
    ok,
    status,
    body: answer,
  } = await rawRequest({
    url: answeringUrl(view, 'program'),
    accessKey: accessKey(await ensureKeys(project.stateDirectory)),
    airflowVersion: view.airflowVersion,
    method,
    path: apiPath,
    ...(body === undefined ? {} : { body }),
    signal,
    fetch,
  });
  writeForeignBytes(host.stdout, answer);
  if (ok) return 0;
  throw new DevenvError({
    code: 'airflow_refused',
    what: `Airflow answered ${status} to ${method} ${apiPath}.`,
    why: answer.length > 0 ? 'What it says stands on standard output.' : 'It says nothing more.',
  });
}

function readWords(
  words: readonly string[],
  hasBody: boolean,
): { readonly method: ApiMethod; readonly path: string } {
  const [first = '', second, ...more] = words;
  if (second === undefined) return { method: hasBody ? 'POST' : 'GET', path: first };
  const method = API_METHODS.find((each) => each === first.toUpperCase());
  if (method !== undefined && more.length === 0) return { method, path: second };
  throw new DevenvError({
    code: 'usage',
    what: method === undefined ? `${first} is no method of HTTP.` : `${more.join(' ')} is one word too many.`,
    why: `It is devenv api [METHOD] PATH; the methods are ${API_METHODS.join(', ')}.`,
    next: ['Quote a path with a blank, or write %20'],
    misuse: true,
  });
}

async function bodyOf(
  data: string,
  { workingDirectory }: Context,
  host: NodeJS.Process,
): Promise<Uint8Array<ArrayBuffer>> {
  if (data === '-') return new Uint8Array(await buffer(host.stdin));
  if (!data.startsWith('@')) return new TextEncoder().encode(data);
  const file = path.resolve(workingDirectory, data.slice(1));
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    throw new DevenvError({
      code: 'usage',
      what: `Can't read ${file}, which --data names.`,
      why: error instanceof Error ? error.message : String(error),
      next: ['--data takes JSON, @FILE, or - for standard input'],
      misuse: true,
      cause: error,
    });
  }
}
