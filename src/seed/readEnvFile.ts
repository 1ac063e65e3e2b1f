import type { SourceLocation } from '../errors.ts';
import type { MappingEntry, TextNode } from './seedItem.ts';
import { mistake } from './seedProblem.ts';
import type { ReadFile } from './readYaml.ts';

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/;
const QUOTES = new Set(['"', "'", '`']);

/**
 * Reads `NAME=value` lines as one mapping. Quoted values may go over several lines; in single quotes nothing is
 * a reference.
 */
export function readEnvFile(file: string, text: string): ReadFile {
  const entries = new Map<string, MappingEntry>();
  const errors = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = (lines[index] ?? '').replace(/\r$/, '');
    const place: SourceLocation = { file, line: index + 1, column: line.search(/\S/) + 1 };
    if (/^\s*(#|$)/.test(line)) continue;
    const match = ASSIGNMENT.exec(line);
    if (match === null) {
      errors.push(notAssignment(place));
      continue;
    }
    const [before, name = ''] = match;
    const read = readValue(lines, index, before.length);
    if (read === undefined) {
      errors.push(openQuote(place));
      break;
    }
    const first = entries.get(name);
    if (first === undefined) {
      const node: TextNode = {
        kind: 'text',
        text: read.text,
        place: { file, line: index + 1, column: before.length + 1 },
        isLiteral: read.isLiteral,
        isSecret: false,
      };
      entries.set(name, { place, node });
    } else {
      errors.push(duplicateName(place, name, first.place));
    }
    index = read.lastLine;
  }
  return { root: { kind: 'mapping', entries, place: { file, line: 1, column: 1 } }, errors };
}

interface ReadValue {
  readonly text: string;
  readonly isLiteral: boolean;
  readonly lastLine: number;
}

function readValue(lines: readonly string[], start: number, column: number): ReadValue | undefined {
  const line = (lines[start] ?? '').slice(column).replace(/\r$/, '');
  const quote = line[0] ?? '';
  if (!QUOTES.has(quote)) {
    return { text: line.replace(/\s+#.*$/, '').trim(), isLiteral: false, lastLine: start };
  }
  let collected = line.slice(1);
  for (let index = start; ;) {
    const end = closingQuote(collected, quote);
    if (end >= 0) {
      const text = collected.slice(0, end);
      return { text: quote === '"' ? unescape(text) : text, isLiteral: quote === "'", lastLine: index };
    }
    index += 1;
    if (index >= lines.length) return undefined;
    collected += `\n${(lines[index] ?? '').replace(/\r$/, '')}`;
  }
}

function closingQuote(text: string, quote: string): number {
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\\' && quote === '"') index += 1;
    else if (text[index] === quote) return index;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { 'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\' };

function unescape(text: string): string {
  return text.replaceAll(/\\([nrt"\\])/g, (_all, letter: string) => ESCAPES[letter] ?? letter);
}

function notAssignment(place: SourceLocation) {
  return mistake(place, {
    code: 'seed_syntax',
    what: 'This line is neither NAME=value nor a comment.',
    next: ['Quote a value that goes over several lines'],
  });
}

function openQuote(place: SourceLocation) {
  return mistake(place, { code: 'seed_syntax', what: 'The quote that begins this value is never closed.' });
}

function duplicateName(place: SourceLocation, name: string, first: SourceLocation) {
  return mistake(place, {
    code: 'seed_duplicate_key',
    what: `The name "${name}" is there twice.`,
    why: `The first one, at line ${first.line}, counts; this one does not.`,
    next: ['Keep one of the two'],
  });
}
