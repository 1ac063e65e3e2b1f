import { stat } from 'node:fs/promises';
import path from 'node:path';
import { DevenvError } from '../errors.ts';

/**
 * Before anything is asked for: whether an export may be written there.
 *
 * @param replace a file that is there may be replaced.
 * @throws DevenvError `seed_export_target` (misuse).
 */
export async function assertExportable(file: string, replace: boolean): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  const parent = await stat(path.dirname(file)).catch(() => undefined);
  if (found !== undefined && !found.isFile()) throw refused(`${file} is a folder, or no ordinary file.`, []);
  if (parent?.isDirectory() !== true) throw refused(`There is no folder ${path.dirname(file)}.`, []);
  // JSON has no tags: what is encrypted could not say that it is JSON itself.
  if (!/\.ya?ml$/i.test(file))
    throw refused(`An export is YAML, and ${path.basename(file)} is not named so.`, []);
  if (found !== undefined && !replace) {
    throw refused(`${file} is there already.`, [
      'Choose another name',
      '--replace puts the export in its place',
    ]);
  }
}

function refused(what: string, next: readonly string[]): DevenvError {
  const name = 'Name a file that ends in .yaml or .yml, in a folder that is there';
  return new DevenvError({
    code: 'seed_export_target',
    what,
    next: next.length > 0 ? next : [name],
    misuse: true,
  });
}
