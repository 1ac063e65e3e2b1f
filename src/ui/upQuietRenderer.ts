import { flush, writeLines, type Output } from './output.ts';
import { renderError } from './renderError.ts';
import { createServiceTails } from './serviceTails.ts';
import { EMPTY_STACK, reduceStack } from './stackModel.ts';
import { changeLines } from './upPlainRenderer.ts';
import type { UpRenderer } from './upRendering.ts';

export interface UpQuietOptions {
  readonly out: Output;
  readonly err: Output;
  readonly now: () => number;
}

/** Only what came of it: the URL on stdout, and on stderr what went wrong. */
export function createUpQuietRenderer({ out, err, now }: UpQuietOptions): UpRenderer {
  const begun = now();
  const tails = createServiceTails(err.style.color);
  let model = EMPTY_STACK;
  return {
    event(event) {
      if (event.event === 'log') return tails.add(event);
      const before = model;
      model = reduceStack(model, event);
      const news = changeLines(before, model, begun, tails, err.style);
      // A failure brings its own lines along.
      const failed = model.stack?.services.some(({ status }) => status === 'failed') ?? false;
      if (failed && news.length > 1) writeLines(err.stream, news);
    },
    progress(event) {
      if (event.type === 'message' && event.code !== undefined) writeLines(err.stream, [event.text]);
    },
    error: (error) => writeLines(err.stream, [renderError(error, err.style)]),
    note: () => undefined,
    problem: (text) => writeLines(err.stream, [text]),
    handOver() {
      model = EMPTY_STACK;
    },
    async close() {
      const { stack } = model;
      const up = stack?.status === 'ready' || stack?.status === 'degraded';
      const url = stack?.uiUrl ?? stack?.url;
      if (up && url !== undefined) writeLines(out.stream, [url]);
      await Promise.all([flush(out.stream), flush(err.stream)]);
    },
  };
}
