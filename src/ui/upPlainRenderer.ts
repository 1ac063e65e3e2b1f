import { formatDuration } from './duration.ts';
import { flush, writeLines, type Output } from './output.ts';
import type { ProgressRenderer } from './progressRenderer.ts';
import { renderError } from './renderError.ts';
import { paintServiceChange } from './serviceLines.ts';
import { isSettled } from './serviceStates.ts';
import { createServiceTails, type ServiceTails } from './serviceTails.ts';
import { EMPTY_STACK, reduceStack, statusChanges, type StackModel } from './stackModel.ts';
import type { UpRenderer } from './upRendering.ts';
import { upReport } from './upReport.ts';

/** Who reads a log in CI learns this often that something is still going on, and what. */
const REMINDER_MILLISECONDS = 10_000;

export interface UpPlainOptions {
  readonly out: Output;
  readonly err: Output;
  readonly now: () => number;
  readonly progress: ProgressRenderer;
  /** For tests: milliseconds between two reminders of what is waited for. */
  readonly reminderMs?: number;
}

/** Lines only, for pipes and CI: each is written once, when what it says has happened. */
export function createUpPlainRenderer(options: UpPlainOptions): UpRenderer {
  const { out, err, now, progress } = options;
  /** Milliseconds since the epoch; undefined before the first event of something new. */
  let begun: number | undefined = now();
  const tails = createServiceTails(err.style.color);
  let model = EMPTY_STACK;
  let failed = false;
  let reminder: NodeJS.Timeout | undefined;

  function say(lines: readonly string[]): void {
    if (lines.length === 0) return;
    progress.hide();
    writeLines(err.stream, lines);
    remindLater();
  }
  function remindLater(): void {
    clearTimeout(reminder);
    reminder = setTimeout(() => say(waitingLines(model, now())), options.reminderMs ?? REMINDER_MILLISECONDS);
    reminder.unref();
  }

  return {
    event(event) {
      if (event.event === 'log') return tails.add(event);
      if (event.event === 'progress') return progress.progress(event.progress);
      const before = model;
      begun ??= now();
      model = reduceStack(model, event);
      say(changeLines(before, model, begun, tails, err.style));
    },
    progress: (event) => progress.progress(event),
    error(error) {
      failed = true;
      say([renderError(error, err.style)]);
    },
    note: (text) => say([text]),
    problem: (text) => say([text]),
    handOver() {
      clearTimeout(reminder);
      progress.hide();
      model = EMPTY_STACK;
      begun = undefined;
    },
    async close() {
      clearTimeout(reminder);
      progress.close();
      if (!failed) writeLines(out.stream, upReport(model, now() - (begun ?? now()), out.style));
      await Promise.all([flush(out.stream), flush(err.stream)]);
    },
  };
}

/** What has changed, each with the last log lines of a service that failed. What was so before is no news. */
export function changeLines(
  before: StackModel,
  after: StackModel,
  begun: number,
  tails: ServiceTails,
  style: Output['style'],
): readonly string[] {
  return statusChanges(before, after)
    .filter((change) => change.before !== undefined || change.after.since >= begun)
    .flatMap((change) => {
      const line = paintServiceChange(change, style);
      if (line === undefined) return [];
      const lines = change.after.status === 'failed' ? tails.take(change.after.name) : [];
      return [line, ...lines.map((each) => `  ${style.dim('|')} ${each}`)];
    });
}

function waitingLines({ stack }: StackModel, clock: number): readonly string[] {
  return (stack?.services ?? [])
    .filter(({ status }) => !isSettled(status))
    .map((service) => {
      const detail = service.detail === undefined ? '' : `: ${service.detail}`;
      return `… ${service.name} ${service.status} for ${formatDuration(clock - service.since)}${detail}`;
    });
}
