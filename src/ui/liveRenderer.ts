import type { RunEvent } from '../dagruns/events.ts';
import { finalTable, liveFrame } from './liveFrame.ts';
import type { OpenLiveRegion } from './liveRegion.ts';
import { createLiveScreen } from './liveScreen.ts';
import { isShown, markedLines, paintLogLines } from './logLines.ts';
import { createLogTails } from './logTails.ts';
import { flush, writeLines, type Output } from './output.ts';
import { questionLines } from './question.ts';
import type { ProgressRenderer } from './progressRenderer.ts';
import { renderError, renderErrorEvent } from './renderError.ts';
import { EMPTY_RUN, reduce } from './runModel.ts';
import type { RunRenderer } from './runRendering.ts';
import { exitReport, runReport } from './runReport.ts';

export interface LiveOptions {
  readonly out: Output;
  readonly err: Output;
  readonly verbose: boolean;
  readonly now: () => number;
  readonly progress: ProgressRenderer;
  /** Whether questions of tasks are asked on this terminal. */
  readonly asks?: boolean;
  /** For tests: another region, and how long a DAG run has to last before it gets one. */
  readonly load?: () => Promise<OpenLiveRegion>;
  readonly patienceMs?: number;
}

/** A live task table under the passing log lines, and the whole table at the end, for the scrollback. */
export function createLiveRenderer(options: LiveOptions): RunRenderer {
  const { out, err, verbose, now, progress, asks = false } = options;
  const tails = createLogTails();
  let run = EMPTY_RUN;
  /** Whether the table at the end is still owed. */
  let owed = false;
  /** When the clock of the events showed zero, by ours. */
  let clockStart = 0;

  const clock = (): number => now() - clockStart;
  const screen = createLiveScreen({
    stream: out.stream,
    load: options.load ?? loadLiveRegion,
    // Without ink the run is shown all the same, by its lines and the table at the end.
    onFailure: (error) => (verbose ? screen.print([`No live table: ${String(error)}`]) : undefined),
    patienceMs: options.patienceMs,
    frame: (size) => liveFrame(run, clock(), size, out.style),
    clearWay: () => progress.hide(),
    onOpen: () => progress.redirect((text) => screen.print([text.replace(/\n$/, '')])),
  });

  function conclude(): void {
    screen.stop();
    if (!owed) return;
    owed = false;
    const table = finalTable(run, clock(), out.stream.columns ?? 80, out.style);
    tails.skip(table.length);
    writeLines(out.stream, ['', ...table, ...runReport(run, tails, out.style)]);
  }
  function complain(lines: readonly string[]): void {
    const shared = screen.isOpen() && err.stream.isTTY === true;
    if (shared) return screen.print(lines);
    progress.hide();
    writeLines(err.stream, lines);
  }
  function show(event: RunEvent): void {
    switch (event.event) {
      case 'log': {
        if (!isShown(event, verbose)) return;
        tails.add(event, markedLines(event, out.style));
        return screen.print(paintLogLines(event, out.style));
      }
      case 'input_needed':
        // The region would be drawn over what is being typed.
        if (asks) screen.stop();
        return screen.print(questionLines(event, out.style, asks));
      case 'task_started':
        if (owed) screen.start();
        return screen.changed();
      case 'run_started':
        owed = true;
        return screen.start();
      case 'run_finished':
        return conclude();
      case 'error':
        return complain([renderErrorEvent(event, err.style)]);
      case 'exit':
        conclude();
        return complain(exitReport(run, err.style));
      default:
        return screen.changed();
    }
  }

  return {
    progress: (event) => progress.progress(event),
    run(event) {
      // The event that was on its way the shortest tells the time best.
      clockStart = event.event === 'started' ? now() - event.t : Math.min(clockStart, now() - event.t);
      run = reduce(run, event);
      show(event);
    },
    error: (error) => complain([renderError(error, err.style)]),
    note: (text) => (screen.isOpen() ? screen.print([text]) : complain([text])),
    handOver: () => {
      screen.stop();
      progress.hide();
    },
    async close() {
      conclude();
      progress.close();
      await Promise.all([flush(out.stream), flush(err.stream)]);
    },
  };
}

async function loadLiveRegion(): Promise<OpenLiveRegion> {
  const { openLiveRegion } = await import('./liveRegion.ts');
  return openLiveRegion;
}
