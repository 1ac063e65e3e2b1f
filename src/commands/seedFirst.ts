import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { ensureProjectDatabase, projectSpec } from '../dagruns/runnerSpec.ts';
import { databaseName } from '../database/describeDatabase.ts';
import { seedFiles } from '../seed/seedFiles.ts';
import { isNeverSeeded } from '../seed/seedMemory.ts';
import { seedReport } from '../ui/seedReport.ts';
import { createStyle } from '../ui/style.ts';

/**
 * Brings the database to what the project's seed files say, if it has any.
 *
 * @param say gets one line each: what has changed, and what failed.
 * @returns whether all of it is as the files say.
 */
export async function seedIfThereAreSeeds(
  context: Context,
  project: Project,
  say: (line: string) => void,
): Promise<boolean> {
  if (!(await hasSeeds(project))) return true;
  // Loaded on use: the yaml library costs more than other commands take.
  const { seedProject } = await import('../seed/seedProject.ts');
  const spec = await projectSpec(context, project);
  await ensureProjectDatabase(context, project, spec);
  const report = await seedProject(context, project, spec, { mode: 'apply', prune: false, atomic: false });
  if (report.files.length === 0 || (report.ok && !report.changed)) return report.ok;
  for (const line of seedReport(report, createStyle(false), { diff: false, prune: false })) say(line);
  return report.ok;
}

/** The same before the first run with a database; later it is the person's decision. Costs a look or two. */
export async function seedBeforeFirstRun(
  context: Context,
  project: Project,
  say: (line: string) => void,
): Promise<void> {
  const database = databaseName(project.airflow.version);
  if (!(await hasSeeds(project)) || !(await isNeverSeeded(project.stateDirectory, database))) return;
  await seedIfThereAreSeeds(context, project, say);
}

async function hasSeeds(project: Project): Promise<boolean> {
  return (await seedFiles(project)).length > 0;
}
