import path from 'node:path';
import { Command, Option } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { ensureProjectDatabase, projectSpec } from '../dagruns/runnerSpec.ts';
import { databaseName } from '../database/describeDatabase.ts';
import { SEED_REPORT_VERSION, type SeedReport } from '../seed/events.ts';
import { passedOver, seedFiles } from '../seed/seedFiles.ts';
import { isNeverSeeded } from '../seed/seedMemory.ts';
import { assertExportable } from '../seed/exportTarget.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { writeLines } from '../ui/output.ts';
import { counted } from '../ui/counted.ts';
import { seedReport } from '../ui/seedReport.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { requireTrust, requireTrustedSettings } from './trustedProject.ts';

interface Flags extends GlobalOptions {
  readonly diff?: boolean;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly check?: boolean;
  readonly atomic?: boolean;
  readonly export?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function seedCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('seed')
    .summary('put variables, connections, pools and secrets from files into the database')
    .description(
      'Brings the variables, connections and pools of the database to what the seed files say: those named under ' +
        'seed: in devenv.yaml, else what lies in seed/. What has a mistake is told and left out, the rest is applied. ' +
        'Works with and without a running stack.',
    )
    .option('--diff', 'show what differs, change nothing; secrets are shown as fingerprints')
    .option('--dry-run', 'show what would be done, change nothing')
    .option('--check', 'change nothing; exit code 1 if the database differs, for CI')
    .option('--prune', 'delete what was seeded earlier and is in no file any more')
    .option('--atomic', 'apply everything or, if anything is wrong, nothing')
    .addOption(
      new Option('--export <file>', 'write what the database has to this file; secrets encrypted').conflicts([
        'diff',
        'dryRun',
        'check',
        'prune',
        'atomic',
      ]),
    )
    .option('--replace', 'with --export: take the place of a file that is there')
    .option('--json', 'one JSON object')
    .option('-q, --quiet', 'only what failed')
    .addHelpText(
      'after',
      '\nExit codes: 0 all is as the files say; 1 something failed, or --check found a difference; ' +
        '2 a mistake in a file.\n',
    )
    .action(async (_flags: unknown, command: Command) => {
      finish(await seed(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function seed(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const progress = createCommandProgress(host, { quiet: flags.json === true || flags.quiet === true });
  const context = commandContext(commandHost, flags, progress.emit);
  try {
    const project = await loadProject(context, { configFile: flags.config });
    const isReadOnly = flags.diff === true || flags.dryRun === true || flags.check === true;
    if (isReadOnly) await requireTrustedSettings(context, project);
    else await requireTrust(commandHost, context, project, flags);
    if (flags.export !== undefined) return await exportTo(commandHost, context, project, flags, flags.export);
    const report = await reportOf(context, project, flags);
    progress.close();
    if (flags.json === true) writeLines(host.stdout, [JSON.stringify(report)]);
    else showReport(host, report, flags);
    return exitCode(report, flags);
  } finally {
    progress.close();
  }
}

async function reportOf(context: Context, project: Project, flags: Flags): Promise<SeedReport> {
  // Loaded on use: the yaml library costs more than other commands take.
  const { seedProject } = await import('../seed/seedProject.ts');
  const nothing = await nothingToSeed(project);
  if (nothing !== undefined) return nothing;
  const spec = await projectSpec(context, project);
  await ensureProjectDatabase(context, project, spec);
  const isReadOnly = flags.diff === true || flags.dryRun === true || flags.check === true;
  return seedProject(context, project, spec, {
    mode: isReadOnly ? 'compare' : 'apply',
    prune: flags.prune === true,
    atomic: flags.atomic === true,
  });
}

/** Without a file, and without a row of an earlier seed, no database is needed to say so. */
async function nothingToSeed(project: Project): Promise<SeedReport | undefined> {
  if ((await seedFiles(project)).length > 0) return undefined;
  if (!(await isNeverSeeded(project.stateDirectory, databaseName(project.airflow.version)))) return undefined;
  const names = await passedOver(project, []);
  return {
    v: SEED_REPORT_VERSION,
    event: 'seed',
    mode: 'compare',
    ok: true,
    changed: false,
    files: [],
    ...(names.length === 0 ? {} : { passed_over: names }),
    items: [],
    duration_ms: 0,
  };
}

async function exportTo(
  { host }: CommandHost,
  context: Context,
  project: Project,
  flags: Flags,
  name: string,
): Promise<number> {
  const file = path.resolve(context.workingDirectory, name);
  await assertExportable(file, flags.replace === true);
  const { exportSeed } = await import('../seed/exportSeed.ts');
  const spec = await projectSpec(context, project);
  await ensureProjectDatabase(context, project, spec);
  const report = await exportSeed(context, project, spec, file);
  const { variables, connections, pools, encrypted, references } = report;
  const text =
    `${[counted(variables, 'variable'), counted(connections, 'connection')].join(', ')} and ${counted(pools, 'pool')} ` +
    `in ${name}: ${counted(encrypted, 'value')} encrypted, ${counted(references, 'value')} as the reference that the ` +
    'seed files have';
  const json = JSON.stringify({ v: 1, event: 'seed_export', ...report });
  if (flags.quiet !== true) writeLines(host.stdout, [flags.json === true ? json : text]);
  return 0;
}

function showReport(host: NodeJS.Process, report: SeedReport, flags: Flags): void {
  const shown =
    flags.quiet === true
      ? { ...report, items: report.items.filter(({ action }) => action === 'failed') }
      : report;
  if (flags.quiet === true && shown.items.length === 0) return;
  const style = createStyle(useColor(host.stdout, host.env));
  const diff = flags.diff === true || flags.check === true;
  writeLines(host.stdout, seedReport(shown, style, { diff, prune: flags.prune === true }));
}

function exitCode(report: SeedReport, flags: Flags): number {
  const errors = report.items.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (errors.some(({ misuse }) => misuse)) return 2;
  if (errors.length > 0 || !report.ok) return 1;
  return flags.check === true && report.changed ? 1 : 0;
}
