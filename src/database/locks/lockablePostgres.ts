import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { quoted } from '../snapshots/postgresCopies.ts';
import { countRows } from '../snapshots/diffSnapshots.ts';
import { automaticName, saveSnapshot } from '../snapshots/snapshots.ts';
import type { SnapshotTarget } from '../snapshots/snapshotTarget.ts';
import { withConnection, type Query } from '../sql.ts';
import { act, type Helpers } from './act.ts';
import type { Surroundings } from './observation.ts';
import { observePostgres } from './observePostgres.ts';
import type { Lockable } from './unlock.ts';

export function lockablePostgres(
  context: Context,
  target: SnapshotTarget,
  options: { readonly surroundings: () => Promise<Surroundings>; readonly helpers: Helpers },
): Lockable {
  const { name, socketDirectory = '' } = target.description;
  return {
    observe: async () => observePostgres(context, target, await options.surroundings()),
    countRows: () => withConnection(socketDirectory, name, countReadable),
    act: ({ action }) => act({ socketDirectory, name }, action, options.helpers),
    async takeSnapshot() {
      const snapshot = await automaticName(target.project.stateDirectory, 'unlockdb', context.now());
      try {
        await saveSnapshot(context, target, {
          name: snapshot,
          automaticBefore: 'unlockdb',
          whileInUse: true,
        });
        return snapshot;
      } catch (error) {
        if (error instanceof DevenvError && error.code === 'database_in_use') return undefined;
        throw error;
      }
    },
  };
}

/** All in one statement; table by table when one of them is locked. */
async function countReadable(query: Query): Promise<Record<string, number | undefined>> {
  await query("set lock_timeout = '300ms'");
  try {
    return await countRows(query);
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
  const tables = await query(
    "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace",
  );
  const counts: Record<string, number | undefined> = {};
  for (const row of tables) {
    const table = String(row['relname']);
    try {
      const [found] = await query(`select count(*)::float8 as rows from public.${quoted(table)}`);
      counts[table] = Number(found?.['rows']);
    } catch (error) {
      if (!isLocked(error)) throw error;
      counts[table] = undefined;
    }
  }
  return counts;
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}
