import path from 'node:path';
import type { ServiceView } from '../../../stack/events.ts';
import { paintStatus } from '../../serviceStates.ts';
import type { Style } from '../../style.ts';
import { printableLines, wrapColumns } from '../../textWidth.ts';
import type { LogReader } from '../logBuffer.ts';
import type { DashboardState } from '../model.ts';
import { apiProblem, waitingFor } from './dagsView.ts';
import { isTrouble } from './header.ts';

/** Of the log of a service in trouble. */
const TAIL_LINES = 10;

/** A part of `errorLines`, from the line on that is at the top. */
export function errorsView(state: DashboardState, reader: LogReader, rows: number, style: Style): string[] {
  const lines = errorLines(state, reader, style);
  const top = Math.min(state.errors.top, Math.max(0, lines.length - rows));
  return lines.slice(top, top + rows);
}

/** Services in trouble with the end of their logs, and files that Airflow can't import. */
export function errorLines(state: DashboardState, reader: LogReader, style: Style): string[] {
  const { errors, size, model } = state;
  const services = (model.stack?.services ?? [])
    .filter(({ status }) => isTrouble(status))
    .flatMap((service) => serviceLines(service, reader, style));
  const imports = (errors.list ?? []).flatMap(({ file, text }) => [
    `${style.red('✗')} ${style.bold(relative(model.stack?.project, file))}`,
    ...indented(text, style),
    '',
  ]);
  const lines = [...apiProblem(errors.problem, size.columns, style), ...services, ...imports];
  if (lines.length === 0)
    return [errors.list === undefined ? style.dim(waitingFor(state)) : style.green('✓ No errors.')];
  return lines.flatMap((line) => wrapColumns(line, size.columns));
}

function serviceLines(service: ServiceView, reader: LogReader, style: Style): string[] {
  const ring = reader.lines(service.name);
  const start = Math.max(ring.first, ring.end - TAIL_LINES);
  const tail = Array.from(
    { length: ring.end - start },
    (_, index) => `  ${ring.at(start + index)?.text ?? ''}`,
  );
  const detail = service.detail === undefined ? '' : `: ${service.detail}`;
  return [`${paintStatus(service.status, style, 0)} ${style.bold(service.name)}${detail}`, ...tail, ''];
}

function indented(text: string, style: Style): string[] {
  return printableLines(text.replaceAll('\t', '    '), style.color).map((line) => `  ${line}`);
}

function relative(project: string | undefined, file: string): string {
  if (project === undefined || !path.isAbsolute(file)) return file;
  const name = path.relative(project, file);
  return name.startsWith('..') ? file : name;
}
