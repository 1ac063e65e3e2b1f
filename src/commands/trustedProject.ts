import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { settingNeeds } from '../trust/settingNeeds.ts';
import type { TrustNeed } from '../trust/trustNeed.ts';
import { projectTrust } from '../trust/projectTrust.ts';
import { addTrust } from '../trust/trustStore.ts';
import { canAsk, confirm } from '../ui/confirm.ts';
import { writeLines } from '../ui/output.ts';
import { trustReport } from '../ui/trustReport.ts';
import type { CommandHost } from './commandHost.ts';

/** All that a repository would run and read outside of Airflow and of itself; what is not trusted yet. */
export interface ProjectNeeds {
  readonly all: readonly TrustNeed[];
  readonly missing: readonly TrustNeed[];
}

export async function projectNeeds(context: Context, project: Project): Promise<ProjectNeeds> {
  const { seedNeeds } = await import('../seed/seedNeeds.ts');
  const { sourceNeeds } = await import('../artifacts/sourceNeeds.ts');
  const trust = await projectTrust(context, project.root);
  const all = [
    ...(await lookNeeds(project)),
    ...(await seedNeeds(context, project)),
    ...(await sourceNeeds(project)),
  ];
  return { all, missing: all.filter((each) => !trust.allows(each)) };
}

/**
 * Before the first act for a repository: asks a person once, and again when something else would be run or read.
 *
 * @throws DevenvError `project_not_trusted` for a no, and where nobody can answer.
 */
export async function requireTrust(
  commandHost: CommandHost,
  context: Context,
  project: Project,
  flags: { readonly json?: boolean },
): Promise<void> {
  const { host } = commandHost;
  // A file that is trusted may say what else is needed.
  for (;;) {
    const { missing } = await projectNeeds(context, project);
    if (missing.length === 0) return;
    if (flags.json === true || !canAsk(host)) throw notTrusted(project, missing);
    writeLines(host.stderr, trustReport(project.root, missing));
    if (!(await confirm(host, 'Trust it?'))) throw notTrusted(project, missing);
    await addTrust(
      context,
      project.root,
      missing.map((each) => each.digest),
    );
  }
}

/**
 * Before a look at the database, which makes an environment and starts an Airflow: neither may run other code.
 *
 * @throws DevenvError `project_not_trusted`.
 */
export async function requireTrustedSettings(context: Context, project: Project): Promise<void> {
  const trust = await projectTrust(context, project.root);
  const missing = (await lookNeeds(project)).filter((each) => !trust.allows(each));
  if (missing.length > 0) throw notTrusted(project, missing);
}

/**
 * Before a look that makes the environment where it is missing, and starts no Airflow.
 *
 * @throws DevenvError `project_not_trusted`.
 */
export async function requireTrustedRequirements(context: Context, project: Project): Promise<void> {
  const { requirementNeeds } = await import('../seed/requirementNeeds.ts');
  const needs = await requirementNeeds(project);
  if (needs.length === 0) return;
  const trust = await projectTrust(context, project.root);
  const missing = needs.filter((each) => !trust.allows(each));
  if (missing.length > 0) throw notTrusted(project, missing);
}

/** What even a look makes us run: the settings of an Airflow, and what its environment is made from. */
async function lookNeeds(project: Project): Promise<readonly TrustNeed[]> {
  const { requirementNeeds } = await import('../seed/requirementNeeds.ts');
  return [...settingNeeds(project), ...(await requirementNeeds(project))];
}

/** Who runs the Python of a repository has said yes to its code, which could do all of this by itself. */
export async function trustByRunning(context: Context, project: Project): Promise<void> {
  for (let round = 0; round < DEEPEST; round += 1) {
    const { missing } = await projectNeeds(context, project);
    if (missing.length === 0) return;
    await addTrust(
      context,
      project.root,
      missing.map((each) => each.digest),
    );
  }
}

/** An encrypted file inside of another one, and so on. */
const DEEPEST = 10;

function notTrusted(project: Project, missing: readonly TrustNeed[]): DevenvError {
  return new DevenvError({
    code: 'project_not_trusted',
    what: `The project ${project.root} is not trusted yet.`,
    why: trustReport(project.root, missing).join('\n'),
    next: [
      'devenv trust asks, devenv trust --yes does not',
      'In CI: AIRFLOW_DEVENV_TRUST=all, or the path of the project',
    ],
  });
}
