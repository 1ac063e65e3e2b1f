import path from 'node:path';
import { assetsDirectory } from './assets.ts';

/** How this very program is started again: the interpreter and its script, from the bundle or from sources. */
export function ownProgram(): readonly [string, string] {
  const folder = assetsDirectory();
  return [process.execPath, path.join(folder, path.basename(folder) === 'src' ? 'devenv.ts' : 'devenv.js')];
}
