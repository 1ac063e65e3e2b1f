import type { PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { humanSize, table } from '../formats.ts';
import type { CommandRun, ShellCommand } from '../commandRun.ts';
import { pathProblem } from '../shellProblem.ts';

/** As GETCONTENTSUMMARY and GETQUOTAUSAGE give it; -1 for no quota. */
interface ContentSummary {
  readonly directoryCount: number;
  readonly fileCount: number;
  readonly length: number;
  readonly quota: number;
  readonly spaceConsumed: number;
  readonly spaceQuota: number;
}

/** `-du [-s] [-h] [-v] [-x] <path> ...` */
export const du: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 's h v x' });
  const size = sizeFormat(flags);
  const rows: string[][] = [];
  const add = async (item: PresentItem): Promise<void> => {
    const { length, spaceConsumed } = await summaryOf(run, item);
    rows.push([size(length), size(spaceConsumed), item.shown]);
  };
  await run.eachPresent(rest.length === 0 ? ['.'] : rest, async (item) => {
    if (flags.has('s') || !isFolder(item)) return add(item);
    for (const child of await run.session.children(item)) await run.guard(() => add(child));
  });
  if (rows.length === 0) return;
  const head = flags.has('v') ? [['SIZE', 'DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS', 'FULL_PATH_NAME']] : [];
  await run.print(table([...head, ...rows]));
};

/** `-df [-h] [<path> ...]` */
export const df: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'h' });
  const size = sizeFormat(flags);
  const rows: string[][] = [];
  await run.eachPresent(rest.length === 0 ? ['/'] : rest, async () => {
    const { FsStatus: found } = await run.session.files.web.ask<{
      FsStatus: { readonly capacity: number; readonly used: number; readonly remaining: number };
    }>('GET', 'GETSTATUS', '/');
    const share = found.capacity === 0 ? 0 : Math.round((found.used / found.capacity) * 100);
    const name = `hdfs://${run.session.nameservice}`;
    rows.push([name, size(found.capacity), size(found.used), size(found.remaining), `${share}%`]);
  });
  if (rows.length === 0) return;
  await run.print(table([['Filesystem', 'Size', 'Used', 'Available', 'Use%'], ...rows], [1, 2, 3, 4]));
};

/** `-count [-q] [-h] [-v] [-t [<storage type>]] [-u] [-x] [-e] [-s] <path> ...` */
export const count: ShellCommand = async (run, words) => {
  const { flags, rest } = parseFlags(words, { allowed: 'q h v u x e s t=', least: 1 });
  const usageOnly = flags.has('u');
  const quotas = usageOnly || flags.has('q');
  if (flags.has('v')) await run.print(`${countHead(quotas, usageOnly)}PATHNAME\n`);
  await run.eachPresent(rest, async (item) => {
    const summary = await summaryOf(run, item);
    await run.print(`${countLine(summary, quotas, usageOnly, flags.has('h'))}${item.shown}\n`);
  });
};

function countHead(quotas: boolean, usageOnly: boolean): string {
  const limits = ['QUOTA', 'REM_QUOTA', 'SPACE_QUOTA', 'REM_SPACE_QUOTA'];
  const sums = ['DIR_COUNT', 'FILE_COUNT', 'CONTENT_SIZE'];
  return `${quotas ? quotaColumns(limits) : ''}${usageOnly ? '' : sumColumns(sums)}`;
}

function countLine(summary: ContentSummary, quotas: boolean, usageOnly: boolean, human: boolean): string {
  const size = human ? humanSize : String;
  const { quota, spaceQuota, directoryCount, fileCount, spaceConsumed } = summary;
  const limits = [
    quota > 0 ? size(quota) : 'none',
    quota > 0 ? size(quota - directoryCount - fileCount) : 'inf',
    spaceQuota >= 0 ? size(spaceQuota) : 'none',
    spaceQuota >= 0 ? size(spaceQuota - spaceConsumed) : 'inf',
  ];
  const sums = [size(directoryCount), size(fileCount), size(summary.length)];
  return `${quotas ? quotaColumns(limits) : ''}${usageOnly ? '' : sumColumns(sums)}`;
}

/** The widths of Hadoop's `QuotaUsage` and `ContentSummary`. */
function quotaColumns(cells: readonly string[]): string {
  return cells.map((cell, index) => `${cell.padStart(index === 0 ? 12 : 15)} `).join('');
}

function sumColumns(cells: readonly string[]): string {
  return cells.map((cell, index) => `${cell.padStart(index === 2 ? 18 : 12)} `).join('');
}

function sizeFormat(flags: ReadonlySet<string>): (bytes: number) => string {
  return flags.has('h') ? humanSize : String;
}

async function summaryOf(run: CommandRun, item: PresentItem): Promise<ContentSummary> {
  if (item.fileSystem.scheme !== 'hdfs') throw pathProblem(item.shown, 'Operation not supported');
  const { web } = run.session.files;
  type Answer = { readonly ContentSummary: ContentSummary };
  return (await web.ask<Answer>('GET', 'GETCONTENTSUMMARY', item.path)).ContentSummary;
}
