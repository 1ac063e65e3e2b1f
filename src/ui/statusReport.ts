import path from 'node:path';
import type { ServiceView, StackView } from '../stack/events.ts';
import { formatBytes } from './bytes.ts';
import { formatDuration } from './duration.ts';
import { paintStatus } from './serviceStates.ts';
import type { Style } from './style.ts';
import { alignRows } from './table.ts';
import { printableLines } from './textWidth.ts';
import { visibleLine } from './visibleText.ts';

/** What there is of a project's stack. */
export interface StatusModel {
  readonly project: string;
  readonly stack?: StackView;
  readonly preloaded: readonly { readonly pid?: number; readonly silent?: true }[];
  readonly database?: { readonly pid: number };
  readonly hdfs?: { readonly pid: number; readonly url: string };
  /** Plugins that can't be loaded. */
  readonly plugins?: readonly {
    readonly file: string;
    readonly line?: number | null;
    readonly message: string;
  }[];
}

/** The answer of `devenv status` for a person. */
export function statusReport(model: StatusModel, now: number, style: Style): readonly string[] {
  const { stack } = model;
  if (stack === undefined) return stoppedReport(model, style);
  const version = `Airflow ${stack.airflowVersion}`;
  const python = stack.pythonVersion === '' ? '' : `, Python ${stack.pythonVersion}`;
  const uptime = style.dim(`up ${formatDuration(now - stack.startedAt)}`);
  return [
    `${paintStatus(stack.status, style).trimEnd()}  ${style.bold(version)}${python}  ${uptime}`,
    style.dim(visibleLine(stack.project)),
    ...(stack.url === undefined ? [] : addressLines(stack, style)),
    ...hdfsLine(stack, style),
    ...variablesLine(stack, now, style),
    '',
    ...serviceTable(stack.services, now, style),
    '',
    ...pluginLines(model, style),
    style.dim(
      `supervisor ${stack.pid}${stack.preloadPid === undefined ? '' : `, preloaded process ${stack.preloadPid}`}`,
    ),
  ];
}

function addressLines(stack: StackView, style: Style): string[] {
  const api = stack.airflowVersion.startsWith('2.') ? '/api/v1' : '/api/v2';
  return [
    `UI   ${style.cyan(stack.uiUrl ?? stack.url ?? '')}  ${style.dim('devenv open')}`,
    `API  ${style.cyan(`${stack.url}${api}`)}  ${style.dim('devenv api')}`,
  ];
}

function pluginLines({ plugins = [], project }: StatusModel, style: Style): string[] {
  return plugins.map(({ file, line, message }) => {
    const place = [path.relative(project, file), line].filter(Boolean).join(':');
    return `${style.red('✗')} ${place}: ${printableLines(message, false).join(' ')}`;
  });
}

function hdfsLine({ services }: StackView, style: Style): string[] {
  const url = services.find(({ name }) => name === 'hdfs')?.url;
  return url === undefined ? [] : [`HDFS ${style.cyan(url)}  ${style.dim('devenv hdfs ls /')}`];
}

/** Exported in this shell since, or in another one: services keep what they were started with. */
function variablesLine({ changedVariables = [], startedAt }: StackView, now: number, style: Style): string[] {
  if (changedVariables.length === 0) return [];
  const names = changedVariables.slice(0, MOST_NAMES).join(', ');
  const more = changedVariables.length > MOST_NAMES ? ', …' : '';
  const since = formatDuration(now - startedAt);
  return [
    `ENV  ${style.yellow(`${names}${more}`)}  ` +
      style.dim(`services have these from the shell that started them ${since} ago: devenv down, devenv up`),
  ];
}

const MOST_NAMES = 8;

function serviceTable(services: readonly ServiceView[], now: number, style: Style): string[] {
  const head = ['service', 'status', 'pid', 'age', 'cpu', 'memory', 'restarts', ''].map(style.dim);
  const rows = services.map((each) => [
    each.name,
    paintStatus(each.status, style).trimEnd(),
    each.pid === undefined ? '' : String(each.pid),
    each.pid === undefined || each.startedAt === undefined ? '' : formatDuration(now - each.startedAt),
    each.cpuPercent === undefined ? '' : `${each.cpuPercent.toFixed(1)} %`,
    each.memoryBytes === undefined ? '' : formatBytes(each.memoryBytes),
    each.restarts === 0 ? '' : style.yellow(String(each.restarts)),
    style.dim(each.detail ?? ''),
  ]);
  return alignRows([head, ...rows], { right: new Set([2, 3, 4, 5, 6]) });
}

function stoppedReport({ project, preloaded, database, hdfs }: StatusModel, style: Style): string[] {
  return [
    `${paintStatus('stopped', style).trimEnd()}  ${style.dim('devenv up starts the stack')}`,
    style.dim(project),
    ...preloaded
      .filter(({ silent }) => silent === true)
      .map(({ pid }) => `preloaded process ${pid} loads, or ends`),
    ...preloaded
      .filter(({ silent }) => silent !== true)
      .map(
        ({ pid }) =>
          `preloaded process ${pid === undefined ? 'is ready' : `${pid} is ready`}: the next start and run are quick`,
      ),
    ...(database === undefined ? [] : [`Postgres ${database.pid} runs`]),
    ...(hdfs === undefined ? [] : [`HDFS ${hdfs.pid} runs at ${hdfs.url}`]),
  ];
}
