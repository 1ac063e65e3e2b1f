import { endGroup } from '../platform/processGroup.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import type { SparkRun } from './runRecords.ts';

const GRACE_MS = 10_000;

/**
 * Ends the JVM of a job, with all that it has started. It may live on for seconds after the process that looked after it
 * was killed.
 *
 * @returns false when nothing of it runs.
 */
export async function killRun(
  { group, groupStart }: Pick<SparkRun, 'group' | 'groupStart'>,
  platform: NodeJS.Platform,
): Promise<boolean> {
  if (group === undefined || groupStart === undefined) return false;
  if ((await processStartTime(group, platform)) !== groupStart) return false;
  await endGroup(group, GRACE_MS);
  return true;
}
