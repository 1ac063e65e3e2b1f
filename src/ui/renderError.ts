import type { RunEvent } from '../dagruns/events.ts';
import type { DevenvError, SourceLocation } from '../errors.ts';
import { createStyle } from './style.ts';
import { printableLines } from './textWidth.ts';

export type ErrorEvent = Extract<RunEvent, { readonly event: 'error' }>;

interface ErrorFields {
  readonly what: string;
  readonly why: string | undefined;
  readonly next: readonly string[] | undefined;
  readonly location: SourceLocation | undefined;
}

/**
 * An error for a person: where, what, why and what to do now. Never a stack: a mistake in the input needs
 * none, and ours are for `cause`. Ends without a line break.
 */
export function renderError(error: DevenvError, options: { readonly color: boolean }): string {
  return renderFields(error, options.color).join('\n');
}

/** The `error` event of a DAG run in the same words, with the author's part of the traceback. */
export function renderErrorEvent(event: ErrorEvent, options: { readonly color: boolean }): string {
  const style = createStyle(options.color);
  const traceback = (event.detail?.traceback ?? [])
    .flatMap((line) => printableLines(line, options.color))
    .filter((line) => line !== event.why)
    .map((line) => `  ${style.dim(line)}`);
  const { next, ...fields } = fieldsOf(event);
  const sentence = renderFields({ ...fields, next: [] }, options.color);
  // What to do stays last: that is where the eye lands.
  return [...sentence, ...traceback, ...nextSteps(next, options.color)].join('\n');
}

/** The same as one line of NDJSON, without the line break. */
export function renderErrorJson(error: DevenvError): string {
  const { code, what, why, next, misuse, location } = error;
  return JSON.stringify({ v: 1, event: 'error', code, what, why, next, misuse, ...location });
}

function renderFields(error: ErrorFields, color: boolean): string[] {
  const style = createStyle(color);
  const [what = '', ...more] = printableLines(error.what, false);
  const place = error.location === undefined ? '' : `${style.cyan(describeLocation(error.location))}: `;
  return [
    `${place}${style.red(style.bold('error:'))} ${style.bold(what)}`,
    ...more.map((line) => `  ${line}`),
    ...(error.why === undefined ? [] : printableLines(error.why, false).map((line) => `  ${line}`)),
    ...nextSteps(error.next, color),
  ];
}

function nextSteps(next: readonly string[] | undefined, color: boolean): string[] {
  const arrow = createStyle(color).cyan('→');
  return (next ?? []).flatMap((step) =>
    printableLines(step, false).map((line, index) => (index === 0 ? `  ${arrow} ${line}` : `    ${line}`)),
  );
}

function describeLocation({ file, line, column }: SourceLocation): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/** The place is left out where the sentence already names it. */
function fieldsOf({ what, why, next, detail }: ErrorEvent): ErrorFields {
  if (detail?.file === undefined || what.includes(detail.file))
    return { what, why, next, location: undefined };
  const line = detail.line === undefined ? {} : { line: detail.line };
  return { what, why, next, location: { file: detail.file, ...line } };
}
