import { formatBytes } from './bytes.ts';
import type { Style } from './style.ts';
import { alignRows } from './table.ts';

export interface DatabaseModel {
  readonly kind: 'postgres' | 'sqlite';
  readonly name: string;
  readonly place: string;
  readonly serverPid?: number;
  readonly schema: string;
  readonly revision?: string;
  readonly head?: string;
  readonly sizeBytes?: number;
  readonly connections: readonly {
    readonly owner: string;
    readonly isOurs: boolean;
    readonly state: string;
    readonly count: number;
  }[];
  readonly others: readonly string[];
  /** Number of snapshots, and what their data take. */
  readonly snapshots: { readonly count: number; readonly bytes: number };
}

const SCHEMA: Readonly<Record<string, string>> = {
  current: 'as this Airflow wants it',
  older: 'older than this Airflow: the next command migrates it, or devenv db migrate',
  newer: 'migrated by a newer Airflow: set that version in devenv.yaml, or devenv snapshot restore',
  unfinished: 'a migration is not finished: devenv unlockdb',
  missing: 'not there yet: the first command makes it',
  unknown: 'not known: the server does not run',
  damaged: 'beyond reading: devenv snapshot restore NAME, or devenv db reset',
};

/** The answer of `devenv db status` for a person. */
export function databaseReport(model: DatabaseModel, style: Style): string[] {
  const { kind, schema, revision, head, connections, snapshots } = model;
  const server =
    kind === 'postgres' ? (model.serverPid === undefined ? 'stopped' : `process ${model.serverPid}`) : '';
  const revisions =
    revision === undefined
      ? ''
      : revision === head || head === undefined
        ? revision
        : `${revision}, wanted ${head}`;
  const paint = schema === 'current' ? style.green : style.yellow;
  const facts: [string, string][] = [
    ['database', `${style.bold(model.name)} ${style.dim(kind === 'postgres' ? 'Postgres' : 'SQLite')}`],
    ['at', model.place],
    ['server', server],
    ['schema', paint(SCHEMA[schema] ?? schema)],
    ['revision', revisions],
    ['size', model.sizeBytes === undefined ? '' : formatBytes(model.sizeBytes)],
    ['snapshots', snapshots.count === 0 ? '' : `${snapshots.count}, ${formatBytes(snapshots.bytes)}`],
    ['others', model.others.join(', ')],
  ];
  const lines = alignRows(
    facts.filter(([, value]) => value !== '').map(([name, value]) => [style.dim(name), value]),
  );
  if (connections.length === 0) return lines;
  const rows = connections.map((each) => [each.owner, each.state, String(each.count)]);
  return [
    ...lines,
    '',
    ...alignRows([['connections of', 'state', ''].map(style.dim), ...rows], { right: new Set([2]) }),
  ];
}
