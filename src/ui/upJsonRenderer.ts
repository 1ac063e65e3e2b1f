import { flush, writeLines, type Output } from './output.ts';
import { renderErrorJson } from './renderError.ts';
import type { UpRenderer } from './upRenderer.ts';

/** NDJSON on stdout: the stack's events unchanged, and our own in the same manner. */
export function createUpJsonRenderer({ out }: { readonly out: Output }): UpRenderer {
  const print = (line: string): void => writeLines(out.stream, [line]);
  return {
    event: (event) => print(JSON.stringify(event)),
    progress: (progress) => print(JSON.stringify({ v: 1, event: 'progress', progress })),
    error: (error) => print(renderErrorJson(error)),
    note: (text) =>
      print(JSON.stringify({ v: 1, event: 'progress', progress: { type: 'message', level: 'info', text } })),
    handOver: () => undefined,
    close: () => flush(out.stream),
  };
}
