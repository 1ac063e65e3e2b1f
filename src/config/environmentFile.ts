/** One `NAME=value` of an environment file. Lines and columns count from 1. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  /** In single quotes: nothing in it means anything else. */
  readonly isLiteral: boolean;
  readonly line: number;
  readonly column: number;
  readonly valueColumn: number;
}

/** A line that means nothing; the others still do. Nothing of a value is quoted. */
export interface LineProblem {
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly next: readonly string[];
}

export interface EnvironmentFile {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly LineProblem[];
}

/**
 * Reads `NAME=value` lines, the same way for seed files and `--env-file`: comments begin with `#` at the start of a
 * line or after a blank; `export` may stand first; values in quotes may go over several lines; in double quotes
 * `\n`, `\r`, `\t`, `\"` and `\\` are escapes; JSON that fills the rest of a line needs no quotes.
 */
export function parseEnvironmentFile(text: string): EnvironmentFile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n/);
  const assignments: Assignment[] = [];
  const problems: LineProblem[] = [];
  for (let index = 0; index < lines.length;) {
    const read = readLine(lines, index);
    if (read.kind === 'assignment') assignments.push(read.assignment);
    else if (read.kind === 'problem') problems.push(read.problem);
    index = read.next;
  }
  return { assignments, problems };
}

type ReadLine =
  | { readonly kind: 'nothing'; readonly next: number }
  | { readonly kind: 'assignment'; readonly assignment: Assignment; readonly next: number }
  | { readonly kind: 'problem'; readonly problem: LineProblem; readonly next: number };

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*/;
const QUOTES = new Set(['"', "'", '`']);

function readLine(lines: readonly string[], index: number): ReadLine {
  const line = lines[index] ?? '';
  if (/^\s*(#|$)/.test(line)) return { kind: 'nothing', next: index + 1 };
  const place = { line: index + 1, column: line.search(/\S/) + 1 };
  const match = ASSIGNMENT.exec(line);
  if (match === null) return problem(place, 'This line is neither NAME=value nor a comment.', [IN_QUOTES]);
  const [before, name = ''] = match;
  const at = { ...place, name, valueColumn: before.length + 1 };
  const rest = line.slice(before.length);
  const quote = rest[0] ?? '';
  if (!QUOTES.has(quote)) {
    return {
      kind: 'assignment',
      assignment: { ...at, value: unquoted(rest), isLiteral: false },
      next: index + 1,
    };
  }
  const closed = untilClosed(lines, index, rest.slice(1), quote);
  if (closed === undefined) return problem(place, 'The quote that begins this value is never closed.', []);
  if (!/^\s*$|^\s+#/.test(closed.behind)) {
    // Over several lines it is rather the first quote that is not closed: the next line is read by itself.
    return closed.next === index + 1
      ? problem(place, 'There is text behind the closing quote.', [OTHER_QUOTE])
      : problem(place, 'The quote that begins this value is not closed.', [ESCAPE_IT]);
  }
  const value = quote === '"' ? unescape(closed.value) : closed.value;
  return { kind: 'assignment', assignment: { ...at, value, isLiteral: quote === "'" }, next: closed.next };
}

const IN_QUOTES = 'Put a value that goes over several lines into quotes';
const OTHER_QUOTE = 'Begin a comment with a blank and #; put a value that has this quote into the other kind';
const ESCAPE_IT = 'Close it, or write \\" for a quote inside of double quotes';

function problem(
  place: { readonly line: number; readonly column: number },
  what: string,
  next: readonly string[],
): ReadLine {
  return { kind: 'problem', problem: { ...place, what, next }, next: place.line };
}

function unquoted(rest: string): string {
  const whole = rest.trim();
  return isJson(whole) ? whole : rest.replace(/(^|\s)#.*$/, '').trim();
}

function isJson(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Closed {
  readonly value: string;
  /** What stands after the closing quote. */
  readonly behind: string;
  readonly next: number;
}

function untilClosed(
  lines: readonly string[],
  start: number,
  first: string,
  quote: string,
): Closed | undefined {
  const before: string[] = [];
  for (let index = start, line = first; index < lines.length; line = lines[(index += 1)] ?? '') {
    const end = closingQuote(line, quote);
    if (end >= 0) {
      const value = [...before, line.slice(0, end)].join('\n');
      return { value, behind: line.slice(end + 1), next: index + 1 };
    }
    before.push(line);
  }
  return undefined;
}

function closingQuote(line: string, quote: string): number {
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === '\\' && quote === '"') index += 1;
    else if (line[index] === quote) return index;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { 'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\' };

function unescape(text: string): string {
  return text.replaceAll(/\\([nrt"\\])/g, (_all, letter: string) => ESCAPES[letter] ?? letter);
}
