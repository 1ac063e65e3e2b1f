import { flush, writeLines, type Output } from './output.ts';
import { renderErrorJson } from './renderError.ts';
import type { UpRenderer } from './upRendering.ts';

/** NDJSON on stdout: the stack's events unchanged, and our own in the same manner. */
export function createUpJsonRenderer({ out }: { readonly out: Output }): UpRenderer {
  const print = (line: string): void => writeLines(out.stream, [line]);
  const message = (level: 'info' | 'warning', text: string): void =>
    print(JSON.stringify({ v: 1, event: 'progress', progress: { type: 'message', level, text } }));
  return {
    event: (event) => print(JSON.stringify(event)),
    progress: (progress) => print(JSON.stringify({ v: 1, event: 'progress', progress })),
    error: (error) => print(renderErrorJson(error)),
    note: (text) => message('info', text),
    problem: (text) => message('warning', text),
    handOver: () => undefined,
    close: () => flush(out.stream),
  };
}
