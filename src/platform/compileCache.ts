import * as nodeModule from 'node:module';
import path from 'node:path';
import { makeOwnFolder } from './ownFolder.ts';
import { cacheDirectory } from './paths.ts';

/**
 * Keeps what V8 has compiled of this program in the user's cache. Node's own place for it is a fixed name in the
 * folder for temporary files, and Node runs what lies there without asking whose it is.
 */
export function useCompileCache(host: Pick<NodeJS.Process, 'env' | 'platform'>): void {
  const cache = cacheDirectory(host);
  const directory = path.join(cache, 'node-compile-cache');
  if (makeOwnFolder(cache) && makeOwnFolder(directory)) nodeModule.enableCompileCache(directory);
}
