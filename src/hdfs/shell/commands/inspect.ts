import path from 'node:path';
import { remoteException } from '../../client/remoteException.ts';
import type { CommandRun, ShellCommand } from '../commandRun.ts';
import type { PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { permissionText, utcSecond } from '../formats.ts';
import { globExpression } from '../glob.ts';
import { usageProblem } from '../shellProblem.ts';

/** `-stat [-R] [format] <path> ...` */
export const stat: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'R', least: 1 });
  const hasFormat = rest[0]?.includes('%') === true;
  const [format = '', paths] = hasFormat ? [rest[0], rest.slice(1)] : ['%y', rest];
  if (paths.length === 0) throw usageProblem('Not enough arguments: expected 1 but got 0');
  const print = (item: PresentItem): Promise<void> => run.print(`${formatted(format, item)}\n`);
  await run.eachPresent(paths, (item) => (flags.has('R') ? run.eachBelow(item, print) : print(item)));
};

/** `-test -[defswrz] <path>`: 0 for yes, 1 for no. */
export const test: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'e d f s z w r', least: 1, most: 1 });
  const [flag, ...more] = flags;
  if (flag === undefined || more.length > 0) throw usageProblem('Only one test flag is allowed');
  const items = await run.expand(rest);
  if (run.exitCode !== 0) return;
  const answers = await Promise.all(
    items.map(async (item) => item.status !== undefined && holds(run, flag, item as PresentItem)),
  );
  return answers.every(Boolean) ? 0 : 1;
};

/** `-find <path> ... [-name pattern] [-iname pattern] [-print] [-print0] [-a]` */
export const find: ShellCommand = async (run, words) => {
  const at = words.findIndex((word) => word.startsWith('-') && !['-L', '-H'].includes(word));
  const paths = (at === -1 ? words : words.slice(0, at)).filter((word) => !['-L', '-H'].includes(word));
  const { tests, end } = expressionOf(at === -1 ? [] : words.slice(at));
  await run.eachPresent(paths.length === 0 ? ['.'] : paths, (item) =>
    run.eachBelow(item, async (each) => {
      const name = path.posix.basename(each.path);
      if (tests.every((expression) => expression.test(name))) await run.print(`${each.shown}${end}`);
    }),
  );
};

function formatted(format: string, { path: absolute, status }: PresentItem): string {
  const values: Readonly<Record<string, string | number>> = {
    a: status.permission,
    A: permissionText(status.permission),
    b: status.length,
    F: { DIRECTORY: 'directory', FILE: 'regular file', SYMLINK: 'symlink' }[status.type],
    g: status.group,
    n: path.posix.basename(absolute),
    o: status.blockSize,
    r: status.replication,
    u: status.owner,
    x: utcSecond(status.accessTime),
    X: status.accessTime,
    y: utcSecond(status.modificationTime),
    Y: status.modificationTime,
  };
  return format.replaceAll(/%(.)/gs, (_, letter: string) => String(values[letter] ?? letter));
}

async function holds(run: CommandRun, flag: string, item: PresentItem): Promise<boolean> {
  switch (flag) {
    case 'd':
      return isFolder(item);
    case 'f':
      return item.status.type === 'FILE';
    case 's':
      return item.status.length > 0;
    case 'z':
      return item.status.length === 0;
    case 'r':
      return mayAccess(run, item, 'r--');
    case 'w':
      return mayAccess(run, item, '-w-');
    default:
      return true;
  }
}

async function mayAccess(run: CommandRun, item: PresentItem, action: string): Promise<boolean> {
  try {
    await run.session.files.web.ask('GET', 'CHECKACCESS', item.path, { fsaction: action });
    return true;
  } catch (error) {
    if (remoteException(error) === undefined) throw error;
    return false;
  }
}

function expressionOf(words: readonly string[]): { readonly tests: readonly RegExp[]; readonly end: string } {
  const tests: RegExp[] = [];
  let end = '\n';
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '-name' || word === '-iname') {
      at += 1;
      const pattern = words[at];
      if (pattern === undefined) throw usageProblem(`${word} requires an argument`);
      const expression = globExpression(pattern);
      tests.push(word === '-iname' ? new RegExp(expression.source, `${expression.flags}i`) : expression);
    } else if (word === '-print0') end = '\0';
    else if (!['-print', '-a', '-and'].includes(word)) throw usageProblem(`Unexpected argument: ${word}`);
  }
  return { tests, end };
}
