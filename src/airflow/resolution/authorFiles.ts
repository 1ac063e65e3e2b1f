import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readRequirements, type RequirementLine } from '../requirements.ts';

/** The address of Airflow's own constraint files; what it holds for this environment is known already. */
const OFFICIAL_CONSTRAINTS =
  /^(?:-c|--constraint)[\s=]*\S*(?:apache\/airflow\/(?:raw\/)?constraints-|airflow-constraints-?\d)\S*$/;

const INDEX_OPTION = /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--trusted-host)\b/;

/**
 * What uv is given for the author's requirement files: the files themselves, or, where one of them names Airflow's
 * official constraint file by its address, a copy without that line: the network may not reach it.
 *
 * @param folder where the copy is written, readable by this user only: lines may hold a password.
 */
export function authorFiles(files: readonly string[], folder: string): readonly string[] {
  const lines = readRequirements(files);
  if (!lines.some(({ text }) => OFFICIAL_CONSTRAINTS.test(text))) return files;
  const included = new Set(lines.map(({ file }) => file));
  const kept = lines.filter(({ text }) => !OFFICIAL_CONSTRAINTS.test(text) && !includes(text, included));
  const copy = path.join(folder, 'requirements.txt');
  writeFileSync(copy, `${kept.map(absolute).join('\n')}\n`, { mode: 0o600 });
  return [copy];
}

/** Lines that say where packages come from, for an installation of what was resolved; undefined without any. */
export function indexOptionsFile(files: readonly string[], folder: string): string | undefined {
  const lines = readRequirements(files).filter(({ text }) => INDEX_OPTION.test(text));
  if (lines.length === 0) return undefined;
  const file = path.join(folder, 'indexes.txt');
  writeFileSync(file, `${lines.map(({ text }) => text).join('\n')}\n`, { mode: 0o600 });
  return file;
}

/** Files in which hashes stand: uv compares what it installs with them. */
export function hashedFiles(files: readonly string[]): readonly string[] {
  const hashed = new Set(
    readRequirements(files)
      .filter(({ text }) => /--hash[= ]/.test(text))
      .map(({ file }) => file),
  );
  return files.filter((file) => hashed.has(file));
}

function includes(text: string, files: ReadonlySet<string>): boolean {
  return files.size > 0 && /^(?:-r|--requirement)\b/.test(text);
}

/** Constraint files are named from the file that the line stands in. */
function absolute({ file, text }: RequirementLine): string {
  const named = /^(-c|--constraint)[\s=]*(\S+)$/.exec(text);
  if (named?.[2] === undefined || named[2].includes('://')) return text;
  return `-c ${path.resolve(path.dirname(file), named[2])}`;
}
