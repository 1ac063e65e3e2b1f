import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runsDirectory } from './runner.ts';

/**
 * The process that writes DAGs to the database just now; processes of devenv do that one after the other
 * (`registration.py`), so what it waits for holds up those behind it.
 */
export function registrant(stateDirectory: string): readonly number[] {
  try {
    const pid = Number(readFileSync(path.join(runsDirectory(stateDirectory), 'registration.lock'), 'utf8'));
    return pid > 0 ? [pid] : [];
  } catch {
    return [];
  }
}
