import path from 'node:path';
import type { ParsedFileReport } from '../stack/events.ts';
import { formatDuration } from './duration.ts';
import { printableLines } from './textWidth.ts';

/**
 * What became of one DAG file, as lines: its DAGs, or each import error as `file:line` that editors can follow.
 *
 * @param folder files are named relative to it.
 */
export function parsedLines(report: ParsedFileReport, folder: string): readonly string[] {
  if (report.importErrors.length > 0) {
    return report.importErrors.flatMap(({ file, line, message }) => {
      const place = [path.relative(folder, file) || file, line]
        .filter((part) => part !== undefined)
        .join(':');
      const [first = '', ...rest] = printableLines(message.trim(), false);
      return [`✗ ${place}: ${first}`, ...rest.map((each) => `    ${each}`)];
    });
  }
  const dags = report.dagIds.length === 0 ? 'no DAG' : report.dagIds.join(', ');
  return [`✓ ${path.relative(folder, report.file)}: ${dags} (${formatDuration(report.milliseconds)})`];
}
