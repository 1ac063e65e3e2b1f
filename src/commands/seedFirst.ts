import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { ensureProjectDatabase, projectSpec } from '../dagruns/runnerSpec.ts';
import { seedReport } from '../ui/seedReport.ts';
import { createStyle } from '../ui/style.ts';

/** Where seeds are found by looking; see `seedFiles`. */
const SEED_PLACES = ['seed', 'airflow_settings.yaml'];

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
  if (!mayHaveSeeds(project)) return true;
  // Loaded on use: the yaml library costs more than other commands take.
  const { seedProject } = await import('../seed/seedProject.ts');
  const spec = await projectSpec(context, project);
  await ensureProjectDatabase(context, project, spec);
  const report = await seedProject(context, project, spec, { mode: 'apply', prune: false, atomic: false });
  if (report.files.length === 0 || (report.ok && !report.changed)) return report.ok;
  for (const line of seedReport(report, createStyle(false), { diff: false, prune: false })) say(line);
  return report.ok;
}

/** The same before the first run of a project; later it is the person's decision. Costs a look or two. */
export async function seedBeforeFirstRun(
  context: Context,
  project: Project,
  say: (line: string) => void,
): Promise<void> {
  if (!mayHaveSeeds(project) || existsSync(path.join(project.stateDirectory, 'seed.json'))) return;
  await seedIfThereAreSeeds(context, project, say);
}

function mayHaveSeeds(project: Project): boolean {
  if (project.seed !== undefined) return project.seed.length > 0;
  return SEED_PLACES.some((name) => existsSync(path.join(project.root, name)));
}
