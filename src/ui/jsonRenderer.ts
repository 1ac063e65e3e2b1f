import { flush, writeLines, type Output } from './output.ts';
import { renderErrorJson } from './renderError.ts';
import type { RunRenderer } from './runRendering.ts';

/** NDJSON on stdout: the events of the run unchanged, and our own in the same manner. */
export function createJsonRenderer({ out }: { readonly out: Output }): RunRenderer {
  const print = (line: string): void => writeLines(out.stream, [line]);
  return {
    progress: (event) => print(JSON.stringify({ v: 1, event: 'progress', ...event })),
    run: (event) => print(JSON.stringify(event)),
    error: (error) => print(renderErrorJson(error)),
    note: (text) => print(JSON.stringify({ v: 1, event: 'progress', type: 'message', level: 'info', text })),
    handOver: () => {},
    close: () => flush(out.stream),
  };
}
