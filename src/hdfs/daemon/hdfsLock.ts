import path from 'node:path';
import { hdfsDirectory } from './hdfsRecord.ts';

/** Held by the server as long as it lives: two of them would write the same files. */
export function hdfsLock(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'server.lock');
}

/** Held by who starts or ends the server. */
export function startLock(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'start.lock');
}
