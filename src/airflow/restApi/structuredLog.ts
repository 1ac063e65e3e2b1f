/** One line of a task's log, as Airflow 3 keeps it. Whatever else was bound to the logger is there too. */
interface LogRecord {
  readonly timestamp?: string | null;
  readonly level?: string;
  readonly event: string;
  readonly logger?: string;
  readonly error_detail?: readonly ExceptionDetail[] | null;
  readonly exception?: readonly ExceptionDetail[] | string | null;
}

interface ExceptionDetail {
  readonly exc_type: string;
  readonly exc_value: string;
  readonly exc_notes?: readonly string[];
  readonly is_cause?: boolean;
  readonly frames?: readonly { readonly filename: string; readonly lineno: number; readonly name: string }[];
}

/** What a task printed; everything else in its log is Airflow's or a logger's. */
const PRINTED = new Set(['task.stdout', 'task.stderr']);

/** The records of Airflow 3 as lines of text: `2026-01-31T06:00:00Z INFO - …`, and the traceback of an exception. */
export function structuredLogLines(ndjson: string): readonly string[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => linesOf(parse(line)));
}

function parse(line: string): LogRecord {
  try {
    const found = JSON.parse(line) as unknown;
    if (typeof found === 'object' && found !== null && 'event' in found) {
      const record = found as LogRecord;
      return typeof record.event === 'string' ? record : { ...record, event: JSON.stringify(record.event) };
    }
  } catch {
    // The last line of a log that is being written, or a log of another make.
  }
  return { event: line };
}

function linesOf(record: LogRecord): string[] {
  const lines = record.event.split('\n');
  const traceback = tracebackOf(record);
  const isPlain = record.level === undefined || PRINTED.has(record.logger ?? '');
  if (isPlain) return [...lines, ...traceback];
  const [first = '', ...more] = lines;
  const time = record.timestamp ?? '';
  return [`${time} ${record.level?.toUpperCase()} - ${first}`.trimStart(), ...more, ...traceback];
}

function tracebackOf({ error_detail: detail, exception }: LogRecord): string[] {
  const found = detail ?? exception ?? [];
  if (typeof found === 'string') return found.trimEnd().split('\n');
  // The last one raised comes first, what caused it behind; Python prints them the other way round.
  return found
    .toReversed()
    .flatMap((each, index) => [
      ...(index === 0 ? [] : ['', AFTERWARDS[found.at(-index)?.is_cause === true ? 'cause' : 'context'], '']),
      'Traceback (most recent call last):',
      ...(each.frames ?? []).map(
        (frame) => `  File "${frame.filename}", line ${frame.lineno}, in ${frame.name}`,
      ),
      ...`${each.exc_type}: ${each.exc_value}`.split('\n'),
      ...(each.exc_notes ?? []),
    ]);
}

const AFTERWARDS = {
  cause: 'The above exception was the direct cause of the following exception:',
  context: 'During handling of the above exception, another exception occurred:',
};
