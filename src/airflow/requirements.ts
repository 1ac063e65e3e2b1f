import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DevenvError } from '../errors.ts';
import { errorCode } from '../platform/fileSystemError.ts';

export interface RequirementLine {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
  /** Normalised project name, e.g. `apache-airflow`; absent for options, paths and addresses. */
  readonly name: string | undefined;
  /** From a file named with `-c`: it bounds what is asked for elsewhere. */
  readonly isConstraint: boolean;
}

/**
 * The lines of requirement files, and of those they include with `-r` and `-c`, without comments and blank
 * lines. Synchronous: it is part of every warm start.
 *
 * @throws DevenvError `requirements_not_found`, `requirements_unreadable`.
 */
export function readRequirements(files: readonly string[]): readonly RequirementLine[] {
  const lines: RequirementLine[] = [];
  const seen = new Set<string>();
  const visit = (file: string, from: RequirementLine | undefined, isConstraint: boolean) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [index, raw] of readText(file, from).split('\n').entries()) {
      const text = raw.replace(/(^|\s)#.*$/, '').trim();
      if (text === '') continue;
      const line = { file, line: index + 1, text, name: projectName(text), isConstraint };
      lines.push(line);
      const [, option = '', included] = INCLUDE.exec(text) ?? [];
      if (included !== undefined && !included.includes('://'))
        visit(path.resolve(path.dirname(file), included), line, isConstraint || /^--?c/.test(option));
    }
  };
  for (const file of files) visit(file, undefined, false);
  return lines;
}

/** True for a line whose meaning depends on the folder it stands in: `-e .`, `./wheels/x.whl`, `x @ file:…`. */
export function isLocal(line: RequirementLine): boolean {
  return /^(-e\b|--editable\b|\.|\/|~)|file:|@\s*\.|^(-f|--find-links)\b/.test(line.text);
}

/**
 * True for a line that has something installed which is no release of a package from the person's own index: a folder,
 * an archive, a repository, or one from another index.
 */
export function isForeign(line: RequirementLine): boolean {
  if (/^(-r|--requirement|-c|--constraint)\b/.test(line.text)) return line.text.includes('://');
  if (line.isConstraint) return false;
  return (
    isLocal(line) ||
    /^(-i|--index-url|--extra-index-url|--trusted-host)\b/.test(line.text) ||
    /(^|[\s@])(git|hg|svn|bzr|https?|ftp)(\+\w+)?:\/\//.test(line.text)
  );
}

/** `1.2.3` of `name==1.2.3`; `` for an address or `===`, which are no less exact; undefined for any other version. */
export function exactVersion({ text }: RequirementLine): string | undefined {
  if (/^[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*@/.test(text)) return '';
  const specifier = /^[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,\\*]+)\s*(?:[;\\]|--hash|$)/.exec(
    text,
  );
  return specifier?.[1];
}

/** The name as package indexes compare it: `Foo_Bar` and `foo.bar` are `foo-bar`. */
export function projectName(requirement: string): string | undefined {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[|[<>=!~;@(]|$)/.exec(requirement);
  return match?.[1]?.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

const INCLUDE = /^(-r|--requirement|-c|--constraint)[\s=]*(\S+)$/;

function readText(file: string, from: RequirementLine | undefined): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT';
    throw new DevenvError({
      code: missing ? 'requirements_not_found' : 'requirements_unreadable',
      what: missing ? `There is no requirements file ${file}.` : `Can't read the requirements file ${file}.`,
      ...(from === undefined ? {} : { location: { file: from.file, line: from.line } }),
      next: ['Correct airflow.requirements in devenv.yaml, or the -r line that names it'],
      misuse: true,
      cause: error,
    });
  }
}
