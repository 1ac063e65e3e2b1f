import { DevenvError } from '../errors.ts';
import { parseFiles } from '../dagruns/parseFiles.ts';
import { changedVariables } from './changedVariables.ts';
import { reportOf } from './parsedFileReport.ts';
import { assertServices } from './stackDefinitions.ts';
import type { StackRequest } from './protocol.ts';
import type { Answer } from './supervisorServer.ts';
import type { Supervised } from './supervised.ts';

/** @throws DevenvError what is wrong with the request, or with what it asked for. */
export async function handleRequest(stack: Supervised, request: StackRequest, answer: Answer): Promise<void> {
  switch (request.kind) {
    case 'status':
      return status(stack, request, answer);
    case 'subscribe':
      return subscribe(stack, request, answer);
    case 'start':
      return start(stack, request, answer);
    case 'restart':
      return restart(stack, request, answer);
    case 'stop':
      return stop(stack, request.services, answer);
    case 'logs':
      return logs(stack, request, answer);
    case 'reload':
      return reload(stack, request.files, answer);
    default:
      throw new DevenvError({
        code: 'request_unknown',
        what: 'The supervisor does not know this request.',
        why: 'It was started by another version of devenv.',
        next: ['devenv down, then devenv up'],
      });
  }
}

type Request<Kind extends StackRequest['kind']> = Extract<StackRequest, { readonly kind: Kind }>;

async function status(stack: Supervised, request: Request<'status'>, answer: Answer): Promise<void> {
  const view = await stack.newsroom.view(true);
  const { environment } = request;
  const changed = environment === undefined ? [] : changedVariables(stack.environment, environment);
  answer.send({
    event: 'stack',
    stack: changed.length === 0 ? view : { ...view, changedVariables: changed },
  });
}

async function subscribe(stack: Supervised, request: Request<'subscribe'>, answer: Answer): Promise<void> {
  answer.send({ event: 'stack', stack: await stack.newsroom.view(false) });
  if (request.logs)
    for (const line of stack.logs.last(request.history ?? 0)) answer.send({ event: 'log', ...line });
  const end = stack.newsroom.subscribe({ send: answer.send, logs: request.logs }, true);
  await aborted(answer.signal);
  end();
}

async function start(stack: Supervised, request: Request<'start'>, answer: Answer): Promise<void> {
  refuseWhileEnding(stack);
  const end = stack.newsroom.subscribe({ send: answer.send, logs: false }, false);
  try {
    await stack.prepare();
    answer.send({ event: 'stack', stack: await stack.newsroom.view(false) });
    const names = stack.engine.start(request.services);
    if (request.wait) await untilSettled(stack, names, answer);
  } finally {
    end();
  }
}

async function restart(stack: Supervised, request: Request<'restart'>, answer: Answer): Promise<void> {
  refuseWhileEnding(stack);
  assertServices(stack.engine.definitions, request.services);
  const end = stack.newsroom.subscribe({ send: answer.send, logs: false }, false);
  try {
    await stack.prepare();
    answer.send({ event: 'stack', stack: await stack.newsroom.view(false) });
    const all = stack.engine.definitions.map((each) => each.name);
    const names = await stack.engine.restart(request.services.length === 0 ? all : request.services);
    if (request.wait) await untilSettled(stack, names, answer);
  } finally {
    end();
  }
}

async function untilSettled(stack: Supervised, names: ReadonlySet<string>, answer: Answer): Promise<void> {
  const failed = await stack.engine.settled(names, answer.signal);
  if (failed !== undefined) {
    throw serviceFailed(failed, stack.engine.state(failed).detail);
  }
  answer.send({ event: 'stack', stack: await stack.newsroom.view(false) });
}

async function stop(stack: Supervised, services: readonly string[], answer: Answer): Promise<void> {
  assertServices(stack.engine.definitions, services);
  const end = stack.newsroom.subscribe({ send: answer.send, logs: false }, false);
  try {
    answer.send({ event: 'stack', stack: await stack.newsroom.view(false) });
    if (services.length === 0) await stack.shutDown();
    else await stack.engine.stop(services);
  } finally {
    end();
  }
}

async function logs(stack: Supervised, request: Request<'logs'>, answer: Answer): Promise<void> {
  assertServices(stack.engine.definitions, request.services);
  const wanted = new Set(request.services);
  for (const line of stack.logs.last(request.lines, request.services)) answer.send({ event: 'log', ...line });
  if (!request.follow) return;
  const end = stack.newsroom.subscribe(
    {
      logs: true,
      send: (news) => {
        if (news.event === 'log' && (wanted.size === 0 || wanted.has(news.service))) answer.send(news);
      },
    },
    false,
  );
  await aborted(answer.signal);
  end();
}

async function reload(stack: Supervised, files: readonly string[], answer: Answer): Promise<void> {
  const prepared = await stack.prepare();
  const parsed = parseFiles(stack.project, prepared.spec, files);
  for (;;) {
    const next = await parsed.next();
    if (next.done === true) {
      if (next.value) return;
      throw noRunner();
    }
    answer.send({ event: 'parsed', report: reportOf(next.value) });
  }
}

function refuseWhileEnding(stack: Supervised): void {
  if (!stack.isShuttingDown) return;
  throw new DevenvError({
    code: 'stack_is_stopping',
    what: 'The stack is just being stopped.',
    next: ['Try again in a moment'],
  });
}

function serviceFailed(service: string, detail: string | undefined): DevenvError {
  return new DevenvError({
    code: 'service_failed',
    what: `${service} does not run${detail === undefined ? '' : `: ${detail.replace(/\.$/, '')}`}.`,
    next: [`devenv logs ${service} shows what it said`, 'devenv up --keep-failed leaves the rest running'],
  });
}

function noRunner(): DevenvError {
  return new DevenvError({
    code: 'runner_not_running',
    what: 'There is no warm runner to parse the files.',
    why: 'The stack was started with --no-fork, or the preloaded process has just been killed.',
    next: ['The dag-processor reads changed files by itself, some seconds later'],
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
