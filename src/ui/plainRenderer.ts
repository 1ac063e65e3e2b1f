import type { RunEvent } from '../dagruns/events.ts';
import { isShown, markedLines, paintLogLines } from './logLines.ts';
import { createLogTails } from './logTails.ts';
import { flush, writeLines, type Output } from './output.ts';
import { questionLines } from './question.ts';
import type { ProgressRenderer } from './progressRenderer.ts';
import { renderError, renderErrorEvent } from './renderError.ts';
import { EMPTY_RUN, reduce } from './runModel.ts';
import type { RunRenderer } from './runRendering.ts';
import { exitReport, runReport } from './runReport.ts';
import { newlySettled, paintTaskLine } from './taskLines.ts';

export interface PlainOptions {
  readonly out: Output;
  readonly err: Output;
  readonly verbose: boolean;
  readonly progress: ProgressRenderer;
  /** Whether questions of tasks are asked on this terminal. */
  readonly asks?: boolean;
}

/** Lines only, for pipes and CI: each is written once, when what it says has happened. */
export function createPlainRenderer({
  out,
  err,
  verbose,
  progress,
  asks = false,
}: PlainOptions): RunRenderer {
  const tails = createLogTails();
  let run = EMPTY_RUN;

  function settled(event: RunEvent): void {
    const before = run;
    run = reduce(run, event);
    const lines = newlySettled(before, run).map((instance) => paintTaskLine(instance, run, out.style));
    tails.skip(lines.length);
    print(lines);
  }
  function print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    progress.hide();
    writeLines(out.stream, lines);
  }
  function complain(lines: readonly string[]): void {
    progress.hide();
    writeLines(err.stream, lines);
  }

  return {
    progress: (event) => progress.progress(event),
    run(event) {
      settled(event);
      if (event.event === 'log' && isShown(event, verbose)) {
        tails.add(event, markedLines(event, out.style));
        print(paintLogLines(event, out.style));
      } else if (event.event === 'input_needed') print(questionLines(event, out.style, asks));
      else if (event.event === 'run_finished') print(runReport(run, tails, out.style));
      else if (event.event === 'error') complain([renderErrorEvent(event, err.style)]);
      else if (event.event === 'exit') complain(exitReport(run, err.style));
    },
    error: (error) => complain([renderError(error, err.style)]),
    note: (text) => complain([text]),
    handOver: () => progress.hide(),
    async close() {
      progress.close();
      await Promise.all([flush(out.stream), flush(err.stream)]);
    },
  };
}
