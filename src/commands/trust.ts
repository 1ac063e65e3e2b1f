import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { DevenvError } from '../errors.ts';
import { addTrust, listTrust, revokeTrust } from '../trust/trustStore.ts';
import { canAsk, confirm } from '../ui/confirm.ts';
import { writeLines } from '../ui/output.ts';
import { trustReport } from '../ui/trustReport.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { projectNeeds, type ProjectNeeds } from './trustedProject.ts';

interface Flags extends GlobalOptions {
  readonly yes?: boolean;
  readonly revoke?: boolean;
  readonly status?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
}

export function trustCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('trust')
    .summary('let this repository run and read what its files name')
    .description(
      'Shows what the files of this repository would have devenv run outside of Airflow, and read outside of the ' +
        'repository, and asks once. Nothing of it is done before; when something else is named, it is asked again. ' +
        'Running a DAG or a stack of a repository trusts it as well: its code could do the same.',
    )
    .option('-y, --yes', 'without a question')
    .option('--revoke', 'trust it no longer')
    .option('--status', 'change nothing; exit code 1 when something is not trusted')
    .option('--list', 'the projects that are trusted')
    .option('--json', 'one JSON object')
    .action(async (_flags: unknown, command: Command) => {
      finish(await trust(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function trust(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, flags, () => {});
  const tell = (lines: readonly string[], json: object): void =>
    writeLines(host.stdout, flags.json === true ? [JSON.stringify({ v: 1, ...json })] : lines);
  if (flags.list === true) {
    const found = await listTrust(context);
    const lines = found.map(({ root, at }) => `${root}  since ${at}`);
    tell(found.length === 0 ? ['No project is trusted.'] : lines, {
      projects: found.map(({ root, at }) => ({ root, at })),
    });
    return 0;
  }
  const project = await loadProject(context, { configFile: flags.config });
  const { root } = project;
  if (flags.revoke === true) {
    const revoked = await revokeTrust(context, root);
    tell([revoked ? `${root} is trusted no longer.` : `${root} was not trusted.`], { root, revoked });
    return 0;
  }
  let needs = await projectNeeds(context, project);
  if (flags.status !== true) {
    // A file that is trusted may say what else is needed.
    while (needs.missing.length > 0 && (await agrees(commandHost, flags, root, needs))) {
      await addTrust(
        context,
        root,
        needs.missing.map((each) => each.digest),
      );
      needs = await projectNeeds(context, project);
    }
  }
  const shown = needs.all.map(({ kind, what, place }) => ({ kind, what, ...place }));
  tell(summary(root, needs, flags), { root, trusted: needs.missing.length === 0, needs: shown });
  return needs.missing.length === 0 ? 0 : 1;
}

async function agrees(
  { host }: CommandHost,
  flags: Flags,
  root: string,
  { missing }: ProjectNeeds,
): Promise<boolean> {
  writeLines(host.stderr, trustReport(root, missing));
  if (flags.yes === true) return true;
  if (canAsk(host) && flags.json !== true) return confirm(host, 'Trust it?');
  throw new DevenvError({
    code: 'project_not_trusted',
    what: 'There is nobody to ask.',
    next: ['devenv trust --yes', 'In CI: AIRFLOW_DEVENV_TRUST=all, or the path of the project'],
    misuse: true,
  });
}

function summary(root: string, { all, missing }: ProjectNeeds, flags: Flags): string[] {
  if (all.length === 0)
    return [`${root} runs nothing outside of Airflow and reads nothing outside of itself.`];
  if (missing.length === 0) {
    return [...(flags.status === true ? trustReport(root, all) : []), `${root} is trusted.`];
  }
  return [...(flags.status === true ? trustReport(root, missing) : []), `${root} is not trusted.`];
}
