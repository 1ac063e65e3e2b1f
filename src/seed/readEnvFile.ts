import { parseEnvironmentFile, type Assignment } from '../config/environmentFile.ts';
import type { DevenvError, SourceLocation } from '../errors.ts';
import type { MappingEntry } from './seedItem.ts';
import { mistake } from './seedProblem.ts';
import type { ReadFile } from './readYaml.ts';

/** Reads `NAME=value` lines as one mapping; in single quotes nothing is a reference. */
export function readEnvFile(file: string, text: string): ReadFile {
  const { assignments, problems } = parseEnvironmentFile(text);
  const entries = new Map<string, MappingEntry>();
  const errors: DevenvError[] = problems.map(({ line, column, what, next }) =>
    mistake({ file, line, column }, { code: 'seed_syntax', what, next }),
  );
  for (const each of assignments) {
    const first = entries.get(each.name);
    if (first === undefined) entries.set(each.name, entryOf(file, each));
    else errors.push(duplicateName({ file, line: each.line, column: each.column }, each.name, first.place));
  }
  return { root: { kind: 'mapping', entries, place: { file, line: 1, column: 1 } }, errors };
}

function entryOf(file: string, { value, isLiteral, line, column, valueColumn }: Assignment): MappingEntry {
  return {
    place: { file, line, column },
    node: {
      kind: 'text',
      text: value,
      place: { file, line, column: valueColumn },
      isLiteral,
      isSecret: false,
    },
  };
}

function duplicateName(place: SourceLocation, name: string, first: SourceLocation): DevenvError {
  return mistake(place, {
    code: 'seed_duplicate_key',
    what: `The name "${name}" is there twice.`,
    why: `The first one, at line ${first.line}, counts; this one does not.`,
    next: ['Keep one of the two'],
  });
}
