import path from 'node:path';
import { DevenvError } from '../errors.ts';

/** One thing that is wrong in a configuration file. */
export interface Mistake {
  readonly code:
    | 'config_syntax'
    | 'config_duplicate_key'
    | 'config_unknown_key'
    | 'config_missing_key'
    | 'config_wrong_type'
    | 'config_wrong_value'
    | 'config_path_not_found'
    | 'config_duplicate_repository';
  /** A whole sentence: what was found. */
  readonly found: string;
  /** A whole sentence: what is allowed. */
  readonly allowed?: string;
  /** Nearest names first. */
  readonly nearest?: readonly string[];
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** One error for all mistakes of a file: the first in full, the others as lines to go through. */
export function mistakesError(file: string, mistakes: readonly [Mistake, ...Mistake[]]): DevenvError {
  const [first, ...others] = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const { code, found, allowed, line, column } = first ?? mistakes[0];
  const suggestion = first?.nearest?.length ? [didYouMean(first.nearest)] : [];
  return new DevenvError({
    code,
    what: found,
    ...(allowed === undefined ? {} : { why: allowed }),
    next: [...suggestion, ...others.map((mistake) => `${path.basename(file)}:${describeMistake(mistake)}`)],
    location: { file, line, column },
    misuse: true,
  });
}

function describeMistake({ line, column, found, allowed, nearest }: Mistake): string {
  const suggestion = nearest?.length ? didYouMean(nearest) : undefined;
  return [`${line}:${column}: ${found}`, suggestion ?? allowed].filter(Boolean).join(' ');
}

function didYouMean(names: readonly string[]): string {
  return `Did you mean ${new Intl.ListFormat('en', { type: 'disjunction' }).format(names)}?`;
}
