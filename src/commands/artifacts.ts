import { Command } from 'commander';
import { compareArtifacts, syncArtifacts } from '../artifacts/syncArtifacts.ts';
import { loadProject } from '../config/loadProject.ts';
import type { ArtifactSettings, Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import type { HdfsFiles } from '../hdfs/client/hdfsFiles.ts';
import { openHdfs } from '../hdfs/openHdfs.ts';
import { artifactTable } from '../ui/artifactReport.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { writeLines } from '../ui/output.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { writeError } from '../ui/writeError.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { requireTrust } from './trustedProject.ts';

interface Flags extends GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly force?: boolean;
}

type Work = (parts: {
  readonly context: Context;
  readonly project: Project & { readonly artifacts: ArtifactSettings };
  readonly hdfs: HdfsFiles;
}) => Promise<number>;

export function artifactsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('artifacts')
    .summary('files of jobs, where the jobs look for them')
    .description(
      'Brings what artifacts.yaml declares (environments, jars, files) into the HDFS of this project, as production ' +
        'does with its cache.',
    )
    .addCommand(syncCommand(commandHost, finish))
    .addCommand(listCommand(commandHost, finish, 'list'))
    .addCommand(listCommand(commandHost, finish, 'diff'))
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  devenv artifacts sync
  devenv artifacts sync tone_check-0.0.1.conda.tgz --force
  devenv artifacts diff                    what sync would bring

Exit codes: 0 done, and for diff nothing to do; 1 something is missing; 2 misuse.
`;

function syncCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('sync')
    .summary('bring what is missing or has changed')
    .description(
      'Brings artifacts that are missing or have changed. What was broken off is gone on with. `devenv up` and ' +
        '`run-dag` do the same.',
    )
    .argument('[names...]', 'only these')
    .option('--force', 'all of them, downloaded anew')
    .option('--json', 'one JSON object on stdout')
    .option('-q, --quiet', 'no steps on stderr')
    .action(async (names: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      finish(await withArtifacts(commandHost, flags, sync(commandHost, names, flags)));
    });
}

function sync(commandHost: CommandHost, names: readonly string[], flags: Flags): Work {
  const { host } = commandHost;
  return async ({ context, project, hdfs }) => {
    await requireTrust(commandHost, context, project, flags);
    const { artifacts } = await syncArtifacts(context, project, hdfs, { names, force: flags.force ?? false });
    const rows = artifacts.map(({ result, before: _before, ...row }) => ({ ...row, state: result }));
    if (flags.json === true) {
      const told = rows.map(({ error, ...row }) => ({ ...row, error: error && errorFields(error) }));
      writeLines(host.stdout, [JSON.stringify({ v: 1, artifacts: told })]);
    } else {
      writeLines(host.stdout, artifactTable(rows, createStyle(useColor(host.stdout, host.env))));
      for (const { error } of rows) if (error !== undefined) writeError(host, error);
    }
    return rows.some(({ error }) => error !== undefined) ? 1 : 0;
  };
}

function errorFields({ code, what, why, next }: DevenvError) {
  return { code, what, why, next };
}

function listCommand(
  commandHost: CommandHost,
  finish: (code: number) => void,
  name: 'list' | 'diff',
): Command {
  return new Command(name)
    .summary(name === 'list' ? 'how each of them stands' : 'what sync would bring')
    .description(
      name === 'list'
        ? 'Lists the declared artifacts: current; missing; outdated, when the source has changed; foreign, when ' +
            'somebody else has put a file there.'
        : 'Lists the artifacts that `devenv artifacts sync` would bring, and ends with 1 when there are such.',
    )
    .option('--json', 'one JSON object on stdout')
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { host } = commandHost;
      const work: Work = async ({ project, hdfs }) => {
        const all = await compareArtifacts(project, hdfs);
        const shown = all.filter(({ state }) => name === 'list' || state !== 'current');
        const rows = shown.map(({ artifact, state, inHdfs, bytes, put }) => ({
          name: artifact.name,
          state,
          target: artifact.target,
          bytes: inHdfs?.length ?? bytes,
          sha256: put?.sha256,
          isOverride: artifact.origin.kind === 'override',
        }));
        if (flags.json === true) writeLines(host.stdout, [JSON.stringify({ v: 1, artifacts: rows })]);
        else if (name === 'diff' && rows.length === 0) writeLines(host.stdout, ['Everything is current.']);
        else writeLines(host.stdout, artifactTable(rows, createStyle(useColor(host.stdout, host.env))));
        return name === 'diff' && rows.length > 0 ? 1 : 0;
      };
      finish(await withArtifacts(commandHost, flags, work));
    });
}

async function withArtifacts(commandHost: CommandHost, flags: Flags, work: Work): Promise<number> {
  const progress = createCommandProgress(commandHost.host, { quiet: flags.quiet ?? flags.json ?? false });
  try {
    const context = commandContext(commandHost, flags, progress.emit);
    const project = await loadProject(context, { configFile: flags.config });
    const { artifacts } = project;
    if (artifacts === undefined) throw notDeclared();
    const hdfs = await openHdfs(context, project);
    try {
      return await work({ context, project: { ...project, artifacts }, hdfs });
    } finally {
      hdfs.close();
    }
  } finally {
    progress.close();
  }
}

function notDeclared(): DevenvError {
  return new DevenvError({
    code: 'artifacts_not_declared',
    what: 'devenv.yaml names no file of artifacts.',
    next: ['Name it: artifacts: config/artifacts.yaml'],
    misuse: true,
  });
}
