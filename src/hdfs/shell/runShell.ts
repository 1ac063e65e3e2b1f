import { ownValue } from '../../platform/ownValue.ts';
import { DevenvError } from '../../errors.ts';
import { CommandRun, type ShellCommand } from './commandRun.ts';
import { getfacl, getfattr, setfacl, setfattr } from './commands/access.ts';
import { chgrp, chmod, chown, concat, mkdir, setrep, touch, touchz, truncate } from './commands/change.ts';
import { appendToFile, cp, get, getmerge, moveFromLocal, mv, put } from './commands/copy.ts';
import { find, stat, test } from './commands/inspect.ts';
import { ls } from './commands/list.ts';
import { tree } from './commands/overview.ts';
import { cat, checksum, head, tail, text } from './commands/read.ts';
import { expunge, rm, rmdir } from './commands/remove.ts';
import { createSnapshot, deleteSnapshot, renameSnapshot } from './commands/snapshots.ts';
import { count, df, du } from './commands/usage.ts';
import type { ShellSession } from './session.ts';
import { USAGES } from './usages.ts';

/** Hadoop's -1: a command that is not known, or that was not given what it needs. */
const MISUSED = 255;

/**
 * Runs one command of Hadoop's file system shell.
 *
 * @param name without its dash, `ls`.
 * @param prefix what the name is written with in messages: Hadoop's dash, or nothing for `devenv hdfs ls`.
 * @returns Hadoop's exit code: 0, 1 when something failed, 255 when the command was not understood.
 * @throws DevenvError `hdfs_unreachable`, `interrupted`.
 */
export async function runShell(
  session: ShellSession,
  name: string,
  words: readonly string[],
  prefix: string,
): Promise<number> {
  const { io } = session;
  if (name === 'help' || name === 'usage') return help(session, words, prefix);
  const [actual, extra] = ownValue(OLD_NAMES, name) ?? [name, []];
  const command = ownValue(COMMANDS, actual);
  if (command === undefined) return unknown(session, name, prefix);
  if (extra.length > 0 || actual !== name) {
    const instead = [actual, ...extra].join(' ');
    if (DEPRECATED.has(name)) io.warn(`${name}: DEPRECATED: Please use '${prefix}${instead}' instead.`);
  }
  const run = new CommandRun(session, name);
  try {
    const code = await command(run, [...extra, ...words]);
    return code ?? run.exitCode;
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'hdfs_usage') {
      run.fail(error);
      return run.exitCode;
    }
    io.warn(`${prefix}${name}: ${error.what}`);
    io.warn(usageLine(actual, prefix));
    return MISUSED;
  }
}

/** The names of all commands, sorted. */
function shellCommandNames(): readonly string[] {
  return Object.keys(USAGES).toSorted();
}

const COMMANDS: Readonly<Record<string, ShellCommand>> = {
  appendToFile,
  cat,
  checksum,
  chgrp,
  chmod,
  chown,
  concat,
  count,
  cp,
  createSnapshot,
  deleteSnapshot,
  df,
  du,
  expunge,
  find,
  get,
  getfacl,
  getfattr,
  getmerge,
  head,
  ls,
  mkdir,
  moveFromLocal,
  mv,
  put,
  renameSnapshot,
  rm,
  rmdir,
  setfacl,
  setfattr,
  setrep,
  stat,
  tail,
  test,
  text,
  touch,
  touchz,
  tree,
  truncate,
};

/** Other names of a command, with the options that they stand for. */
const OLD_NAMES: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  copyFromLocal: ['put', []],
  copyToLocal: ['get', []],
  dus: ['du', ['-s']],
  lsr: ['ls', ['-R']],
  rmr: ['rm', ['-r']],
};
const DEPRECATED = new Set(['dus', 'lsr', 'rmr']);

async function help(session: ShellSession, words: readonly string[], prefix: string): Promise<number> {
  for (const word of words.map((each) => each.replace(/^-/, ''))) {
    if (USAGES[word] === undefined) {
      session.io.warn(`${prefix}help: \`${word}': Unknown command`);
      return MISUSED;
    }
    await session.io.write(`${usageLine(word, prefix)}\n`);
  }
  if (words.length === 0) await session.io.write(allUsages(prefix));
  return 0;
}

function unknown(session: ShellSession, name: string, prefix: string): number {
  session.io.warn(`${prefix}${name}: Unknown command`);
  session.io.warn(allUsages(prefix).trimEnd());
  return MISUSED;
}

function allUsages(prefix: string): string {
  const lines = shellCommandNames().map((name) => `\t[${prefix}${name} ${USAGES[name]}]`);
  return `${programOf(prefix)}\n${lines.join('\n')}\n`;
}

function usageLine(name: string, prefix: string): string {
  return `${programOf(prefix)} ${prefix}${name} ${USAGES[name]}`;
}

function programOf(prefix: string): string {
  return prefix === '' ? 'Usage: devenv hdfs' : 'Usage: hadoop fs [generic options]';
}
