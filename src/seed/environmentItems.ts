import type { DevenvError } from '../errors.ts';
import { connectionItem, poolItem, variableItem } from './itemFields.ts';
import type { MappingNode, RawItem, SeedKind } from './seedItem.ts';

const VARIABLE = /^AIRFLOW_VAR_(.+)$/;
const CONNECTION = /^AIRFLOW_CONN_(.+)$/;
const READERS = { variable: variableItem, connection: connectionItem, pool: poolItem };

/**
 * `AIRFLOW_VAR_NAME` and `AIRFLOW_CONN_ID` of an `.env` file, in lower case: the environment has no case for
 * them. Where there are some, other names are another program's; else the file's own name says what they are.
 */
export function environmentItems(
  root: MappingNode,
  kind: SeedKind | undefined,
  report: (error: DevenvError) => void,
): RawItem[] {
  const isFlat = ![...root.entries.keys()].some((name) => VARIABLE.test(name) || CONNECTION.test(name));
  return [...root.entries].flatMap(([name, entry]) => {
    const variable = VARIABLE.exec(name)?.[1];
    const connection = CONNECTION.exec(name)?.[1];
    const item =
      variable !== undefined
        ? variableItem(variable.toLowerCase(), entry, report)
        : connection !== undefined
          ? connectionItem(connection.toLowerCase(), entry, report)
          : kind !== undefined && isFlat
            ? READERS[kind](name, entry, report)
            : undefined;
    return item === undefined ? [] : [item];
  });
}
