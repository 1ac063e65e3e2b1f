import { formatElapsed } from './duration.ts';
import type { OpenLiveRegion } from './liveRegion.ts';
import { createLiveScreen } from './liveScreen.ts';
import { flush, writeLines, type Output } from './output.ts';
import type { ProgressRenderer } from './progressRenderer.ts';
import { renderError } from './renderError.ts';
import { paintServiceRows, settledCount } from './serviceRows.ts';
import { isSettled } from './serviceStates.ts';
import { createServiceTails } from './serviceTails.ts';
import { EMPTY_STACK, reduceStack, statusChanges } from './stackModel.ts';
import { cutColumns } from './textWidth.ts';
import { changeLines } from './upPlainRenderer.ts';
import type { UpRenderer } from './upRendering.ts';
import { upReport } from './upReport.ts';

export interface UpLiveOptions {
  readonly out: Output;
  readonly err: Output;
  readonly now: () => number;
  readonly progress: ProgressRenderer;
  /** For tests: another region, and how long a start has to last before it gets one. */
  readonly load?: () => Promise<OpenLiveRegion>;
  readonly patienceMs?: number;
}

/** One line a service, redrawn in place with its timer; at the end all of them once more, for the scrollback. */
export function createUpLiveRenderer(options: UpLiveOptions): UpRenderer {
  const { out, err, now, progress } = options;
  /** Milliseconds since the epoch; undefined before the first event of something new. */
  let begun: number | undefined = now();
  const tails = createServiceTails(err.style.color);
  let model = EMPTY_STACK;
  let failed = false;
  /** Whether anything happened that the table at the end would tell. */
  let eventful = false;

  const screen = createLiveScreen({
    stream: err.stream,
    load: options.load ?? loadLiveRegion,
    // Without ink everything is told all the same, by the table at the end.
    onFailure: () => undefined,
    patienceMs: options.patienceMs,
    frame: (size) => frame(size),
    clearWay: () => progress.hide(),
    onOpen: () => progress.redirect((text) => screen.print([text.replace(/\n$/, '')])),
  });

  /** At least one row lower than the screen, as a full screen makes the terminal scroll with every frame. */
  function frame({ columns, rows }: { readonly columns: number; readonly rows: number }): string[] {
    const { stack } = model;
    if (stack === undefined) return [];
    const lines = paintServiceRows(stack, now(), columns, err.style).slice(0, Math.max(0, rows - 2));
    const elapsed = err.style.dim(formatElapsed(now() - (begun ?? now())));
    return [...lines, cutColumns(`${settledCount(stack)} services  ${elapsed}`, columns)];
  }
  function conclude(): void {
    screen.stop();
    progress.close();
    const { stack } = model;
    if (!eventful || stack === undefined) return;
    writeLines(err.stream, paintServiceRows(stack, now(), err.stream.columns ?? 80, err.style));
  }

  return {
    event(event) {
      if (event.event === 'log') return tails.add(event);
      if (event.event === 'progress') return progress.progress(event.progress);
      const before = model;
      begun ??= now();
      model = reduceStack(model, event);
      const failures = statusChanges(before, model).filter(({ after }) => after.status === 'failed');
      eventful ||= before.stack !== undefined && statusChanges(before, model).length > 0;
      if (failures.length > 0) screen.print(changeLines(before, model, begun, tails, err.style));
      if (model.stack?.services.some(({ status }) => !isSettled(status))) screen.start();
      screen.changed();
    },
    progress: (event) => progress.progress(event),
    error(error) {
      failed = true;
      screen.print([renderError(error, err.style)]);
    },
    note: (text) => screen.print([text]),
    problem: (text) => screen.print([text]),
    handOver() {
      screen.stop();
      model = EMPTY_STACK;
      begun = undefined;
      eventful = false;
    },
    async close() {
      conclude();
      if (!failed) writeLines(out.stream, upReport(model, now() - (begun ?? now()), out.style));
      await Promise.all([flush(out.stream), flush(err.stream)]);
    },
  };
}

async function loadLiveRegion(): Promise<OpenLiveRegion> {
  const { openLiveRegion } = await import('./liveRegion.ts');
  return openLiveRegion;
}
