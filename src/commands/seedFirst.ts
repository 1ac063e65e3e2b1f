import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { ensureProjectDatabase, projectSpec } from '../dagruns/runnerSpec.ts';
import { databaseName } from '../database/describeDatabase.ts';
import type { SeedReport } from '../seed/events.ts';
import { hiddenRows } from '../seed/hiddenRows.ts';
import { seedFiles } from '../seed/seedFiles.ts';
import { isNeverSeeded } from '../seed/seedMemory.ts';
import { seedReport } from '../ui/seedReport.ts';
import { createStyle } from '../ui/style.ts';
import { trustByRunning } from './trustedProject.ts';

export interface SeedFirstOptions {
  /** Gets one line each: what has changed, what was kept, and what failed. */
  readonly say: (line: string) => void;
  /** Only what failed. */
  readonly quiet: boolean;
}

/**
 * What `up` does with the project's seed files, if it has any: `on_up` of `devenv.yaml` says how much.
 *
 * @returns whether nothing failed.
 */
export async function seedOnUp(
  context: Context,
  project: Project,
  { say, quiet }: SeedFirstOptions,
): Promise<boolean> {
  if (project.seedOnUp === 'never' || !(await hasSeeds(project))) return true;
  // Loaded on use: the yaml library costs more than other commands take.
  const { seedProject } = await import('../seed/seedProject.ts');
  await trustByRunning(context, project);
  const spec = await projectSpec(context, project);
  await ensureProjectDatabase(context, project, spec);
  const report = await seedProject(context, project, spec, {
    mode: 'apply',
    prune: false,
    atomic: false,
    onlyMissing: project.seedOnUp === 'missing',
  });
  const told = worthTelling(report, quiet);
  if (report.files.length === 0 || told.items.length === 0) return report.ok;
  for (const line of seedReport(told, createStyle(false), { diff: false, prune: false })) say(line);
  return report.ok;
}

/** The same before the first run with a database; later it is the person's decision. Costs a look or two. */
export async function seedBeforeFirstRun(
  context: Context,
  project: Project,
  options: SeedFirstOptions,
): Promise<void> {
  const database = databaseName(project.airflow.version);
  if (!(await hasSeeds(project)) || !(await isNeverSeeded(project.stateDirectory, database))) return;
  await seedOnUp(context, project, options);
}

/** Names environment variables of a run that Airflow reads instead of what was seeded. */
export async function sayHiddenRows(
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<void> {
  const names = await hiddenRows(project.stateDirectory, databaseName(project.airflow.version), env);
  if (names.length === 0) return;
  const shown = names.length > NAMES_SHOWN ? [...names.slice(0, NAMES_SHOWN), '…'] : names;
  say(`Airflow reads ${shown.join(', ')} of the environment instead of what was seeded.`);
}

const NAMES_SHOWN = 5;

function worthTelling(report: SeedReport, quiet: boolean): SeedReport {
  const isTold = ({ action, shadowed_by }: SeedReport['items'][number]): boolean =>
    action === 'failed' ||
    (!quiet && ((action !== 'unchanged' && action !== 'left') || shadowed_by !== undefined));
  if (report.items.some(isTold)) return quiet ? { ...report, items: report.items.filter(isTold) } : report;
  return { ...report, items: [] };
}

async function hasSeeds(project: Project): Promise<boolean> {
  return (await seedFiles(project)).length > 0;
}
