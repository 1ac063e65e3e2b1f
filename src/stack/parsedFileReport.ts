import type { ParsedFile } from '../dagruns/parseFiles.ts';
import type { ParsedFileReport } from './events.ts';

/** What the runner tells of a file, as a stack tells it. */
export function reportOf(parsed: ParsedFile): ParsedFileReport {
  return {
    file: parsed.file,
    dagIds: parsed.dag_ids,
    importErrors: parsed.import_errors.map(({ file, line, message }) => ({
      file,
      message,
      ...(line === undefined || line === null ? {} : { line }),
    })),
    changed: parsed.changed,
    milliseconds: parsed.duration_ms,
  };
}
