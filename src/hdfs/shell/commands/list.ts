import type { PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { humanSize, localMinute, permissionText, typeLetter } from '../formats.ts';
import type { CommandRun, ShellCommand } from '../commandRun.ts';

interface Look {
  readonly flags: ReadonlySet<string>;
}

/** `-ls [-C] [-d] [-h] [-q] [-R] [-t] [-S] [-r] [-u] [-e] [<path> ...]` */
export const ls: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'C d h q R t S r u e' });
  const look = { flags };
  await run.eachPresent(rest.length === 0 ? ['.'] : rest, async (item) => {
    if (!flags.has('d') && isFolder(item)) await printFolder(run, item, look);
    else await printItems(run, [item], look);
  });
};

async function printFolder(run: CommandRun, folder: PresentItem, look: Look): Promise<void> {
  const items = (await run.session.children(folder)).toSorted(order(look.flags));
  const isRecursive = look.flags.has('R');
  if (!isRecursive && items.length > 0 && !look.flags.has('C'))
    await run.print(`Found ${items.length} items\n`);
  if (!isRecursive) return printItems(run, items, look);
  const widths = widthsOf(items);
  for (const item of items) {
    await run.print(lineOf(item, widths, look));
    if (isFolder(item)) await run.guard(() => printFolder(run, item, look));
  }
}

async function printItems(run: CommandRun, items: readonly PresentItem[], look: Look): Promise<void> {
  const widths = widthsOf(items);
  await run.print(items.map((item) => lineOf(item, widths, look)).join(''));
}

function order(flags: ReadonlySet<string>): (left: PresentItem, right: PresentItem) => number {
  const time = flags.has('u') ? 'accessTime' : 'modificationTime';
  const sign = flags.has('r') ? -1 : 1;
  return (left, right) => {
    const byName = left.path < right.path ? -1 : 1;
    if (flags.has('t')) return sign * (right.status[time] - left.status[time] || byName);
    if (flags.has('S')) return sign * (right.status.length - left.status.length || byName);
    return sign * byName;
  };
}

interface Widths {
  readonly replication: number;
  readonly owner: number;
  readonly group: number;
  readonly length: number;
}

/** The smallest ones are Hadoop's. */
function widthsOf(items: readonly PresentItem[]): Widths {
  const widest = (least: number, of: (item: PresentItem) => string | number): number =>
    Math.max(least, ...items.map((item) => String(of(item)).length));
  return {
    replication: widest(3, ({ status }) => status.replication),
    owner: widest(0, ({ status }) => status.owner),
    group: widest(0, ({ status }) => status.group),
    length: widest(10, ({ status }) => status.length),
  };
}

function lineOf({ status, shown }: PresentItem, widths: Widths, { flags }: Look): string {
  const name = flags.has('q') ? shown.replaceAll(/[^\P{C}]/gu, '?') : shown;
  if (flags.has('C')) return `${name}\n`;
  const isFile = status.type !== 'DIRECTORY';
  const size = flags.has('h') ? humanSize(status.length) : String(status.length);
  return [
    `${typeLetter(status)}${permissionText(status.permission)}${status.hasAcl ? '+' : ' '}`,
    `${(isFile ? String(status.replication) : '-').padStart(widths.replication)} `,
    `${status.owner.padEnd(widths.owner)} `,
    `${status.group.padEnd(widths.group)} `,
    ...(flags.has('e') ? [`${(isFile ? 'Replicated' : '').padEnd(10)} `] : []),
    `${size.padStart(widths.length)} `,
    `${localMinute(flags.has('u') ? status.accessTime : status.modificationTime)} ${name}\n`,
  ].join('');
}
