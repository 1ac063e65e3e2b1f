import { type LoopbackConnection, loopbackPeerOwner } from '../../platform/peerOwner.ts';

/**
 * Admits the processes of this user, and root's, who could read the files anyway. Where the system does not tell whose
 * a connection is (macOS), everything is admitted.
 *
 * @param log gets a line for each user that was turned away, once.
 */
export function ownProcesses(
  log: (line: string) => void,
  owner = loopbackPeerOwner(),
  uid = process.getuid?.(),
): ((connection: LoopbackConnection) => Promise<boolean>) | undefined {
  if (owner === undefined || uid === undefined) return undefined;
  const refused = new Set<number | undefined>();
  return async (connection) => {
    const found = await owner(connection);
    if (found === uid || found === 0) return true;
    if (found !== undefined && !refused.has(found) && refused.size < MOST_LINES) {
      refused.add(found);
      log(`a process of the user with the id ${found} was not answered: this HDFS is of the user ${uid}`);
    }
    return false;
  };
}

const MOST_LINES = 100;
