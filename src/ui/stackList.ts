import type { StackView } from '../stack/events.ts';
import { formatDuration } from './duration.ts';
import { paintStatus } from './serviceStates.ts';
import type { Style } from './style.ts';
import { alignRows } from './table.ts';
import { visibleLine } from './visibleText.ts';

export interface ListedStack {
  readonly runtimeDirectory: string;
  readonly project?: string;
  readonly stack?: StackView;
  readonly preloaded: readonly { readonly pid?: number }[];
  readonly database?: { readonly pid: number };
  readonly hdfs?: { readonly pid: number };
  readonly stale: readonly string[];
}

/** The answer of `devenv list` for a person: a line a project. */
export function stackList(stacks: readonly ListedStack[], now: number, style: Style): readonly string[] {
  if (stacks.length === 0) return ['No stack of yours runs on this machine.'];
  const head = ['project', 'status', 'airflow', 'address', 'up', 'else'].map(style.dim);
  const rows = stacks.map((each) => [
    each.project === undefined ? style.dim(visibleLine(each.runtimeDirectory)) : visibleLine(each.project),
    paintStatus(each.stack?.status ?? 'stopped', style).trimEnd(),
    each.stack?.airflowVersion ?? '',
    style.cyan(each.stack?.uiUrl ?? each.stack?.url ?? ''),
    each.stack === undefined ? '' : formatDuration(now - each.stack.startedAt),
    style.dim(besides(each)),
  ]);
  return alignRows([head, ...rows], { right: new Set([4]) });
}

function besides({ stack, preloaded, database, hdfs, stale }: ListedStack): string {
  const words = [
    // Of a running stack they are part, and `status` tells about them.
    ...(stack === undefined && preloaded.length > 0
      ? [`preloaded process ${preloaded.map(({ pid }) => pid).join(', ')}`.trimEnd()]
      : []),
    ...(stack === undefined && database !== undefined ? [`Postgres ${database.pid}`] : []),
    ...(stack === undefined && hdfs !== undefined ? [`HDFS ${hdfs.pid}`] : []),
    ...(stale.length > 0 ? [`stale: ${stale.join(', ')}`] : []),
  ];
  return words.join('; ');
}
