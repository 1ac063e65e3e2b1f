import { formatBytes } from './bytes.ts';
import type { Style } from './style.ts';
import { alignRows } from './table.ts';

export interface ArtifactRow {
  readonly name: string;
  /** `current`, `missing`, `outdated`, `foreign`; of a sync `put`, `kept`, `failed`. */
  readonly state: string;
  readonly target: string;
  readonly bytes?: number | undefined;
  /** From the folder of overrides. */
  readonly isOverride?: boolean;
}

export function artifactTable(rows: readonly ArtifactRow[], style: Style): string[] {
  if (rows.length === 0) return ['No artifacts are declared.'];
  const paint = (state: string): string => {
    if (state === 'current' || state === 'put') return style.green(state);
    return state === 'failed' || state === 'missing' ? style.red(state) : style.yellow(state);
  };
  return alignRows(
    [
      ['artifact', 'state', 'size', 'in HDFS', ''].map(style.dim),
      ...rows.map((each) => [
        each.name,
        paint(each.state),
        each.bytes === undefined ? '' : formatBytes(each.bytes),
        each.target,
        each.isOverride === true ? style.yellow('override') : '',
      ]),
    ],
    { right: new Set([2]) },
  );
}
