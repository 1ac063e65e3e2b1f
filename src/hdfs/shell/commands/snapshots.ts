import type { ShellCommand } from '../commandRun.ts';
import { present } from '../commandRun.ts';
import { parseFlags } from '../flags.ts';

/** `-createSnapshot <snapshotDir> [<snapshotName>]` */
export const createSnapshot: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: '', least: 1, most: 2 });
  const [folder = '', name] = rest;
  const item = present(await run.session.item(folder));
  const { Path: made } = await run.session.files.web.ask<{ readonly Path: string }>(
    'PUT',
    'CREATESNAPSHOT',
    item.path,
    { snapshotname: name },
  );
  await run.print(
    `Created snapshot ${run.session.qualified({ fileSystem: run.session.hdfs, path: made })}\n`,
  );
};

/** `-deleteSnapshot <snapshotDir> <snapshotName>` */
export const deleteSnapshot: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: '', least: 2, most: 2 });
  const [folder = '', snapshotname] = rest;
  const item = present(await run.session.item(folder));
  await run.session.files.web.ask('DELETE', 'DELETESNAPSHOT', item.path, { snapshotname });
};

/** `-renameSnapshot <snapshotDir> <oldName> <newName>` */
export const renameSnapshot: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: '', least: 3, most: 3 });
  const [folder = '', oldsnapshotname, snapshotname] = rest;
  const item = present(await run.session.item(folder));
  await run.session.files.web.ask('PUT', 'RENAMESNAPSHOT', item.path, { oldsnapshotname, snapshotname });
};
