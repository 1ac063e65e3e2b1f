import path from 'node:path';
import type { CommandRun, ShellCommand } from '../commandRun.ts';
import { present } from '../commandRun.ts';
import type { PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { IS_FOLDER, NOT_FOLDER, pathProblem } from '../shellProblem.ts';

/** `-rm [-f] [-r|-R] [-skipTrash] [-safely] <src> ...` */
export const rm: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'f r R skipTrash safely', least: 1 });
  const recursive = flags.has('r') || flags.has('R');
  for (const word of rest) {
    const items = await run.session.glob(word).catch((error: unknown) => {
      if (!flags.has('f')) run.fail(error);
      return [];
    });
    for (const each of items) {
      if (each.status === undefined && flags.has('f')) continue;
      await run.guard(async () => {
        const item = present(each);
        if (isFolder(item) && !recursive) throw pathProblem(item.shown, IS_FOLDER);
        if (!flags.has('skipTrash') && (await moveToTrash(run, item))) return;
        if (!(await item.fileSystem.delete(item.path, recursive)))
          throw pathProblem(item.shown, 'Input/output error');
        await run.print(`Deleted ${item.shown}\n`);
      });
    }
  }
};

/** `-rmdir [--ignore-fail-on-non-empty] <dir> ...` */
export const rmdir: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: '-ignore-fail-on-non-empty', least: 1 });
  await run.eachPresent(rest, async (item) => {
    if (!isFolder(item)) throw pathProblem(item.shown, NOT_FOLDER);
    if ((await run.session.children(item)).length > 0) {
      if (flags.has('-ignore-fail-on-non-empty')) return;
      throw pathProblem(item.shown, 'Directory is not empty');
    }
    if (!(await item.fileSystem.delete(item.path, false)))
      throw pathProblem(item.shown, 'Input/output error');
  });
};

/** `-expunge [-immediate] [-fs <path>]`: here the trash is emptied at once, as nobody waits for checkpoints. */
export const expunge: ShellCommand = async (run, words) => {
  parseFlags(words, { allowed: 'immediate fs=' });
  await run.session.hdfs.delete(`${run.session.home}/.Trash`, true);
};

/**
 * As Hadoop's TrashPolicyDefault: into `.Trash/Current` of the user, under the same path. What is in the trash already
 * is really deleted.
 *
 * @returns false when there is no trash (`fs.trash.interval` is 0 or not set), or it is in there.
 */
async function moveToTrash(run: CommandRun, item: PresentItem): Promise<boolean> {
  const { session } = run;
  const trash = `${session.home}/.Trash`;
  const isOff = !(Number(session.property('fs.trash.interval') ?? 0) > 0);
  if (isOff || item.fileSystem.scheme !== 'hdfs' || item.path === trash || item.path.startsWith(`${trash}/`))
    return false;
  if (`${trash}/`.startsWith(`${item.path}/`))
    throw pathProblem(item.shown, `Cannot move "${item.path}" to the trash, as it contains the trash`);
  const place = `${trash}/Current${item.path}`;
  await session.hdfs.makeFolder(path.posix.dirname(place));
  const target = (await session.hdfs.status(place)) === undefined ? place : `${place}${session.io.now()}`;
  if (!(await session.hdfs.rename(item.path, target))) throw pathProblem(item.shown, 'Input/output error');
  const [from, to] = [item.path, target].map((each) =>
    session.qualified({ fileSystem: session.hdfs, path: each }),
  );
  session.io.warn(`INFO fs.TrashPolicyDefault: Moved: '${from}' to trash at: ${to}`);
  return true;
}
