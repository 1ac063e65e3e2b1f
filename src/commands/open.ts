import { Command } from 'commander';
import { accessKey, ensureKeys, enterTicket } from '../airflow/keys.ts';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { openInBrowser } from '../platform/browser.ts';
import { currentView } from '../stack/currentView.ts';
import { writeEnterPage } from '../stack/enterPage.ts';
import type { StackView } from '../stack/events.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { runningStack } from './stackCommand.ts';

interface Flags extends GlobalOptions {
  readonly print?: boolean;
}

export function openCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('open')
    .summary("open Airflow's UI in the browser")
    .description(
      "Opens the UI of this project's stack in your browser, without a login: a page in the project's .devenv, which only " +
        'you can read, leads the browser to an address with a ticket that lets one browser in, once, within a minute. ' +
        'Where no browser can be opened the address is printed; --print does so for a browser that may not read the page.',
    )
    .argument('[path]', 'a page of the UI, such as /dags/orders', '/')
    .option('--print', 'print the address instead of opening it')
    .action(async (page: string, _flags: unknown, command: Command) => {
      finish(await open(commandHost, page, command.optsWithGlobals<Flags>()));
    });
}

async function open(commandHost: CommandHost, page: string, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, flags, () => {});
  const project = await loadProject(context, { configFile: flags.config });
  const { url, plainUrl } = await enterAddress(context, project, page);
  if (flags.print !== true && (await openEntered(context, project, url))) {
    writeLines(host.stdout, [plainUrl]);
    return 0;
  }
  if (flags.print !== true) {
    writeLines(host.stderr, ['No browser to open; this address is good for a minute:']);
  }
  writeLines(host.stdout, [url]);
  return 0;
}

/**
 * Lets a browser in by a page of the project's state folder.
 *
 * @returns false where there is no browser to open.
 */
export async function openEntered(context: Context, project: Project, url: string): Promise<boolean> {
  const page = await writeEnterPage(project.stateDirectory, url, context.now());
  return openInBrowser(page, context.env, context.platform);
}

interface EnterAddress {
  /** Lets one browser in, once, within a minute. */
  readonly url: string;
  /** The same server, without the ticket. */
  readonly plainUrl: string;
}

/** @throws DevenvError `stack_not_running`, `ui_not_ready`. */
export async function enterAddress(context: Context, project: Project, page: string): Promise<EnterAddress> {
  const view = await currentView(await runningStack(context, project), context.signal);
  const plainUrl = answeringUrl(view, 'browser');
  const key = accessKey(await ensureKeys(project.stateDirectory));
  return { plainUrl, url: enterUrl(plainUrl, enterTicket(key, context.now()), page) };
}

function enterUrl(url: string, ticket: string, page: string): string {
  const enter = new URL('/devenv/enter', url);
  enter.searchParams.set('ticket', ticket);
  if (page !== '/') enter.searchParams.set('to', page.startsWith('/') ? page : `/${page}`);
  return enter.href;
}

/** @throws DevenvError `ui_not_ready`. */
export function answeringUrl(view: StackView, client: 'browser' | 'program'): string {
  const server = view.services.find(({ name }) => name === 'api-server');
  const answers = server?.status === 'ready' || server?.status === 'unhealthy';
  const url = client === 'browser' ? (view.uiUrl ?? view.url) : view.url;
  if (answers && url !== undefined) return url;
  throw new DevenvError({
    code: 'ui_not_ready',
    what: `Airflow's UI is not there: the API server is ${server?.status ?? 'not part of this stack'}.`,
    ...(server?.detail === undefined ? {} : { why: server.detail }),
    next: ['devenv up api-server starts it and waits', 'devenv logs api-server shows what it says'],
  });
}
