import { isShown, markedLines } from './logLines.ts';
import { createLogTails } from './logTails.ts';
import { flush, writeLines, type Output } from './output.ts';
import { renderError, renderErrorEvent } from './renderError.ts';
import { EMPTY_RUN, reduce } from './runModel.ts';
import type { RunRenderer } from './runRendering.ts';
import { exitReport, failureReport, summary } from './runReport.ts';

/** Only the result: the summary on stdout, and on stderr why it is not what one hoped for. */
export function createQuietRenderer({
  out,
  err,
}: {
  readonly out: Output;
  readonly err: Output;
}): RunRenderer {
  const tails = createLogTails();
  let run = EMPTY_RUN;
  const complain = (lines: readonly string[]): void => writeLines(err.stream, lines);
  return {
    progress(event) {
      if (event.type === 'message' && event.code !== undefined) complain([event.text]);
    },
    run(event) {
      run = reduce(run, event);
      if (event.event === 'log' && isShown(event, false)) tails.add(event, markedLines(event, err.style));
      else if (event.event === 'error') complain([renderErrorEvent(event, err.style)]);
      else if (event.event === 'exit') complain(exitReport(run, err.style));
      else if (event.event === 'run_finished') {
        // Nothing else was printed, so the end of each log is out of sight.
        tails.skip(Infinity);
        complain(failureReport(run, tails, err.style));
        writeLines(out.stream, summary(run, out.style));
      }
    },
    error: (error) => complain([renderError(error, err.style)]),
    note: (text) => complain([text]),
    handOver: () => {},
    async close() {
      await Promise.all([flush(out.stream), flush(err.stream)]);
    },
  };
}
