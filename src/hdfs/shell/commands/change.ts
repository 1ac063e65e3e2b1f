import path from 'node:path';
import { DevenvError } from '../../../errors.ts';
import { remoteException } from '../../client/remoteException.ts';
import type { CommandRun, ShellCommand } from '../commandRun.ts';
import { present } from '../commandRun.ts';
import type { Item, PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { changedMode, parseMode } from '../mode.ts';
import { EXISTS, NOT_FOLDER, NOT_FOUND, pathProblem, problemText, usageProblem } from '../shellProblem.ts';
import { missingDestination, refuseFolder } from './copyItems.ts';

/** `-mkdir [-p] <path> ...` */
export const mkdir: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'p', least: 1 });
  for (const item of await run.expand(rest)) {
    await run.guard(async () => {
      if (item.status !== undefined) {
        if (!isFolder(item)) throw pathProblem(item.shown, NOT_FOLDER);
        if (!flags.has('p')) throw pathProblem(item.shown, EXISTS);
        return;
      }
      const parent = { ...item, path: path.posix.dirname(item.path) };
      if (!flags.has('p') && (await parent.fileSystem.status(parent.path)) === undefined)
        throw pathProblem(run.session.qualified(parent), NOT_FOUND);
      await item.fileSystem.makeFolder(item.path);
    });
  }
};

/** `-touchz <path> ...` */
export const touchz: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: '', least: 1 });
  for (const item of await run.expand(rest)) {
    await run.guard(async () => {
      refuseFolder(item);
      if (item.status !== undefined && item.status.length > 0)
        throw pathProblem(item.shown, 'Not a zero-length file');
      await assertParent(run, item);
      await item.fileSystem.write(item.path, '', true);
    });
  }
};

/** `-touch [-a] [-m] [-t TIMESTAMP (yyyyMMdd:HHmmss) ] [-c] <path> ...` */
export const touch: ShellCommand = async (run, words) => {
  const { flags, values, rest } = parseFlags(words, { allowed: 'a m c t=', least: 1 });
  const stamp = values.get('t');
  const time = stamp === undefined ? run.session.io.now() : timeOf(stamp);
  const only = flags.has('a') === flags.has('m') ? undefined : flags.has('a') ? 'access' : 'modification';
  for (const item of await run.expand(rest)) {
    await run.guard(async () => {
      refuseFolder(item);
      if (item.status === undefined) {
        if (flags.has('c')) return;
        await assertParent(run, item);
        await item.fileSystem.write(item.path, '', false);
        if (stamp === undefined) return;
      }
      const modification = only === 'access' ? undefined : time;
      await item.fileSystem.setTimes(item.path, modification, only === 'modification' ? undefined : time);
    });
  }
};

/** `-chmod [-R] <MODE[,MODE]... | OCTALMODE> PATH...` */
export const chmod: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(dashModeKept(words), { allowed: 'R', least: 2 });
  const [text = '', ...paths] = rest;
  const mode = parseMode(text);
  if (mode === undefined) throw usageProblem(`chmod : mode '${text}' does not match the expected pattern.`);
  await eachChanged(
    run,
    paths,
    flags.has('R'),
    'permissions',
    async ({ fileSystem, path: target, status }) => {
      const before = Number.parseInt(status.permission, 8);
      const after = changedMode(mode, before, status.type === 'DIRECTORY');
      if (after !== before) await fileSystem.setPermission(target, after.toString(8));
    },
  );
};

/** `-chown [-R] [OWNER][:[GROUP]] PATH...` */
export const chown: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'R', least: 2 });
  const [text = '', ...paths] = rest;
  const [isPair, owner, , group] = /^\s*([-\w./@]+)?(:([-\w./@]*))?\s*$/.exec(text) ?? [];
  if (isPair === undefined)
    throw usageProblem(`'${text}' does not match expected pattern for [owner][:group].`);
  if (!owner && !group) throw usageProblem(`'${text}' does not specify owner or group.`);
  await changeOwner(run, paths, flags.has('R'), owner, group || undefined);
};

/** `-chgrp [-R] GROUP PATH...` */
export const chgrp: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'R', least: 2 });
  const [group = '', ...paths] = rest;
  if (!/^\s*[-\w./@]+\s*$/.test(group))
    throw usageProblem(`'${group}' does not match expected pattern for group`);
  await changeOwner(run, paths, flags.has('R'), undefined, group.trim());
};

/** `-setrep [-R] [-w] <rep> <path> ...` */
export const setrep: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: 'R w', least: 2 });
  const [text = '', ...paths] = rest;
  if (!/^-?\d+$/.test(text)) {
    run.warn('Illegal replication, a positive integer expected');
    throw usageProblem(`For input string: "${text}"`);
  }
  const replication = Number(text);
  if (replication < 1) throw usageProblem('replication must be >= 1');
  await run.eachPresent(paths, (item) =>
    run.eachBelow(item, async (each) => {
      if (isFolder(each)) return;
      await run.session.files.web.ask('PUT', 'SETREPLICATION', each.path, { replication });
      await run.print(`Replication ${replication} set: ${each.shown}\n`);
    }),
  );
};

/** `-truncate [-w] <length> <path> ...` */
export const truncate: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: 'w', least: 2 });
  const [text = '', ...paths] = rest;
  if (!/^\d+$/.test(text)) throw usageProblem('length should be >= 0');
  await run.eachPresent(paths, async (item) => {
    refuseFolder(item);
    if (item.status.length < Number(text))
      throw pathProblem(
        item.shown,
        `Cannot truncate to a larger file size. Current size: ${item.status.length}, truncate size: ${text}.`,
      );
    type Answer = { readonly boolean: boolean };
    const { boolean: isDone } = await run.session.files.web.ask<Answer>('POST', 'TRUNCATE', item.path, {
      newlength: text,
    });
    const waiting = 'Wait for block recovery to complete before further updating this file.';
    await run.print(
      isDone
        ? `Truncated ${item.shown} to length: ${text}\n`
        : `Truncating ${item.shown} to length: ${text}. ${waiting}\n`,
    );
  });
};

/** `-concat <target path> <src path> <src path> ...` */
export const concat: ShellCommand = async (run, words) => {
  const { rest } = parseFlags(words, { allowed: '', least: 2 });
  const items = [];
  for (const word of rest) items.push(present(await run.session.item(word)));
  const [target, ...sources] = items;
  if (target === undefined) return;
  const list = sources.map((each) => each.path).join(',');
  await run.session.files.web.ask('POST', 'CONCAT', target.path, { sources: list });
};

async function changeOwner(
  run: CommandRun,
  paths: readonly string[],
  recursive: boolean,
  owner: string | undefined,
  group: string | undefined,
): Promise<void> {
  await eachChanged(run, paths, recursive, 'ownership', async ({ fileSystem, path: target, status }) => {
    const [newOwner, newGroup] = [
      owner === status.owner ? undefined : owner,
      group === status.group ? undefined : group,
    ];
    if (newOwner !== undefined || newGroup !== undefined)
      await fileSystem.setOwner(target, newOwner, newGroup);
  });
}

async function eachChanged(
  run: CommandRun,
  paths: readonly string[],
  recursive: boolean,
  what: string,
  change: (item: PresentItem) => Promise<void>,
): Promise<void> {
  const changeOne = async (item: PresentItem): Promise<void> => {
    await change(item).catch((error: unknown) => {
      if (remoteException(error) === undefined) throw error;
      const problem = `changing ${what} of '${item.shown}': ${problemText(error)}`;
      throw new DevenvError({ code: 'hdfs_path', what: problem, cause: error });
    });
  };
  await run.eachPresent(paths, (item) => (recursive ? run.eachBelow(item, changeOne) : changeOne(item)));
}

async function assertParent(run: CommandRun, item: Item): Promise<void> {
  if ((await item.fileSystem.status(path.posix.dirname(item.path))) === undefined)
    throw missingDestination(run, item);
}

/** `chmod -x file`: a mode that begins with a dash is no flag. */
function dashModeKept(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => word !== '-R');
  return words[at]?.startsWith('-') === true && words[at] !== '--'
    ? [...words.slice(0, at), '--', ...words.slice(at)]
    : words;
}

/** `20260131:070509`, in the machine's time zone. */
function timeOf(stamp: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d):(\d\d)(\d\d)(\d\d)$/.exec(stamp) ?? [];
  if (year === undefined) throw usageProblem(`Unable to parse the specified timestamp ${stamp}. `);
  return new Date(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  ).getTime();
}
