import type { Project } from '../config/project.ts';
import type { ServiceView, StackEvent, StackLogLine, StackStatus, StackView } from './events.ts';
import type { LogStore } from './logStore.ts';
import type { PreparedStack } from './stackDrivers.ts';
import type { StackEngine } from './stackEngine.ts';
import type { StackNews } from './supervisorServer.ts';
import { settingsStamp } from './settingsStamp.ts';
import { uiUrlOf, urlOf } from './stackUrl.ts';
import { UsageMeter, type Usage } from './usage.ts';

export interface Subscriber {
  readonly send: (news: StackNews) => void;
  readonly logs: boolean;
}

/** What is told of a stack. */
export interface ReportedStack {
  readonly project: Project;
  readonly engine: StackEngine;
  readonly logs: LogStore;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly prepared: PreparedStack | undefined;
  readonly isShuttingDown: boolean;
  view(service: string): ServiceView;
}

const USAGE_MS = 2_000;
const LINES_OF_FAILURE = 15;

/** Tells whoever listens what happens to a stack. While nobody listens nothing is measured. */
export class StackNewsroom {
  readonly #stack: ReportedStack;
  readonly #meter: UsageMeter;
  readonly #subscribers = new Set<Subscriber>();
  readonly #usage = new Map<string, Usage>();
  #timer: NodeJS.Timeout | undefined;
  #told = '';

  constructor(stack: ReportedStack, platform: NodeJS.Platform) {
    this.#stack = stack;
    this.#meter = new UsageMeter(platform);
  }

  /** @returns ends the subscription. */
  subscribe(subscriber: Subscriber, measure: boolean): () => void {
    this.#subscribers.add(subscriber);
    if (measure) this.#timer ??= setInterval(() => void this.#measureAndTell(), USAGE_MS);
    return () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  tell(news: StackNews): void {
    if (news.event === 'service') this.#tellLastWords(news.service);
    for (const each of this.#subscribers) each.send(news);
    if (news.event === 'service') this.#tellStack();
  }

  log(line: StackLogLine): void {
    for (const each of this.#subscribers) if (each.logs) each.send({ event: 'log', ...line });
  }

  warn(text: string): void {
    this.tell({ event: 'progress', progress: { type: 'message', level: 'warning', text } });
  }

  async view(measure: boolean): Promise<StackView> {
    if (measure) await this.#measure();
    return this.#view();
  }

  #view(): StackView {
    const { project, prepared, engine, startedAt } = this.#stack;
    const services = engine.definitions.map(({ name }) => this.#measured(this.#stack.view(name)));
    const preloadPid = engine.state('preload').pid;
    return {
      status: this.#status(services),
      project: project.root,
      airflowVersion: prepared?.spec.environment.airflowVersion ?? project.airflow.version,
      pythonVersion: prepared?.spec.environment.pythonVersion ?? '',
      pid: process.pid,
      startedAt,
      ...(prepared === undefined
        ? {}
        : {
            url: urlOf(prepared),
            uiUrl: uiUrlOf(prepared),
            settings: settingsStamp(project, prepared.spec),
          }),
      ...(preloadPid === undefined ? {} : { preloadPid }),
      services,
    };
  }

  #status(services: readonly ServiceView[]): StackStatus {
    const status = statusOf(services);
    return this.#stack.isShuttingDown && status !== 'stopped' ? 'stopping' : status;
  }

  /** What follows from all services together is told when it has changed. */
  #tellStack(): void {
    const stack = this.#view();
    const { status, url, preloadPid } = stack;
    const summary = JSON.stringify([status, url, preloadPid]);
    if (summary === this.#told) return;
    this.#told = summary;
    for (const each of this.#subscribers) each.send({ event: 'stack', stack });
  }

  /** Who does not follow the logs learns from its last lines why a service has ended. */
  #tellLastWords({ name, status }: ServiceView): void {
    if (status !== 'failed' && status !== 'backing-off') return;
    const lines = this.#stack.logs.last(LINES_OF_FAILURE, [name]);
    for (const each of this.#subscribers) {
      if (!each.logs) for (const line of lines) each.send({ event: 'log', ...line });
    }
  }

  async #measureAndTell(): Promise<void> {
    await this.#measure();
    for (const name of this.#usage.keys()) {
      this.tell({ event: 'service', service: this.#measured(this.#stack.view(name)) } satisfies News);
    }
  }

  async #measure(): Promise<void> {
    const running = this.#stack.engine.definitions.flatMap(({ name }) => {
      const { pid } = this.#stack.engine.state(name);
      return pid === undefined ? [] : [{ name, pid }];
    });
    const measured = await this.#meter.measure(running.map(({ pid }) => pid)).catch(() => undefined);
    this.#usage.clear();
    for (const { name, pid } of running) {
      const usage = measured?.get(pid);
      if (usage !== undefined) this.#usage.set(name, usage);
    }
  }

  #measured(view: ServiceView): ServiceView {
    const usage = this.#usage.get(view.name);
    if (usage === undefined || view.pid === undefined) return view;
    const { cpuPercent, memoryBytes } = usage;
    return { ...view, memoryBytes, ...(cpuPercent === undefined ? {} : { cpuPercent }) };
  }
}

type News = StackNews & Pick<StackEvent, 'event'>;

/** Services that nobody asked for are not missing. */
function statusOf(services: readonly ServiceView[]): StackStatus {
  const asked = services.filter((each) => each.status !== 'stopped');
  if (asked.length === 0) return 'stopped';
  if (asked.some((each) => each.status === 'failed')) return 'failed';
  if (asked.some((each) => each.status === 'unhealthy' || each.status === 'backing-off')) return 'degraded';
  if (asked.some((each) => each.status === 'stopping')) return 'stopping';
  return asked.every((each) => each.status === 'ready' || each.status === 'completed') ? 'ready' : 'starting';
}
