import { Option, type Command } from 'commander';
import { gitState } from '../database/snapshots/gitState.ts';
import { DevenvError } from '../errors.ts';
import type { DatabaseWork } from './dbTarget.ts';

export function withOutputOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'one JSON object on stdout'))
    .option('-q, --quiet', 'no steps on stderr');
}

/** @throws DevenvError `no_branch` (misuse). */
export async function currentBranch({ context, project }: DatabaseWork): Promise<string> {
  const branch = (await gitState(context, project.root))?.branch;
  if (branch !== undefined) return branch;
  throw new DevenvError({
    code: 'no_branch',
    what: 'No Git branch is checked out here.',
    why: '--on-branch ties a snapshot to the branch of the project.',
    next: ['Give the snapshot a name instead'],
    misuse: true,
  });
}
