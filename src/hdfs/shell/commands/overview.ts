import path from 'node:path';
import type { CommandRun, ShellCommand } from '../commandRun.ts';
import type { PresentItem } from '../fileSystem.ts';
import { isFolder } from '../fileSystem.ts';
import { parseFlags } from '../flags.ts';
import { humanSize } from '../formats.ts';

/** `tree [-L depth] [-h] [<path> ...]`: devenv's own. */
export const tree: ShellCommand = async (run, words) => {
  const { flags, values, rest } = parseFlags(words, { allowed: 'h L=' });
  const depth = Number(values.get('L') ?? Number.POSITIVE_INFINITY);
  const size = flags.has('h') ? humanSize : String;
  await run.eachPresent(rest.length === 0 ? ['/'] : rest, async (item) => {
    await run.print(`${item.shown}${isFolder(item) ? '' : `  ${size(item.status.length)}`}\n`);
    if (isFolder(item)) await printBelow(run, item, { indent: '', depth, size });
  });
};

interface Branch {
  readonly indent: string;
  /** How many levels more. */
  readonly depth: number;
  readonly size: (bytes: number) => string;
}

async function printBelow(run: CommandRun, folder: PresentItem, branch: Branch): Promise<void> {
  if (branch.depth <= 0) return;
  const children = await run.session.children(folder);
  for (const [index, child] of children.entries()) {
    const isLast = index === children.length - 1;
    const name = path.posix.basename(child.path);
    const label = isFolder(child) ? `${name}/` : `${name}  ${branch.size(child.status.length)}`;
    await run.print(`${branch.indent}${isLast ? '└── ' : '├── '}${label}\n`);
    const indent = `${branch.indent}${isLast ? '    ' : '│   '}`;
    if (isFolder(child))
      await run.guard(() => printBelow(run, child, { ...branch, indent, depth: branch.depth - 1 }));
  }
}
