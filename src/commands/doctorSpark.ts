import { environmentPlans } from '../airflow/environmentPlan.ts';
import { environmentState } from '../airflow/environmentRecord.ts';
import { pythonChoices } from '../airflow/pythonChoice.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { environmentRequest } from '../dagruns/runnerSpec.ts';
import { DevenvError } from '../errors.ts';
import { findJava } from '../spark/javaSearch.ts';
import { findSpark, sparkNotFound } from '../spark/sparkInstallation.ts';
import type { CheckResult } from '../ui/checkReport.ts';

/** Which Spark and which Java the jobs of a project would run with. Installs nothing. */
export async function lookAtSpark(context: Context, project: Project): Promise<Omit<CheckResult, 'name'>> {
  try {
    const found = findSpark(context, await environments(context, project));
    const version = project.spark?.version ?? found?.version;
    if (version === undefined) throw sparkNotFound(project);
    const { home, major } = findJava(context, version);
    return { verdict: 'ok', detail: `Spark ${version} on Java ${major ?? '?'} at ${home}` };
  } catch (error) {
    if (!(error instanceof DevenvError)) throw error;
    return { verdict: 'warn', detail: [error.what, error.why].join(' '), next: error.next };
  }
}

/** The project's virtual environment, when it is there: pyspark may be among the requirements. */
async function environments(context: Context, project: Project): Promise<string[]> {
  const request = environmentRequest(project);
  const choices = await pythonChoices(context, request);
  return choices
    .flatMap(({ minor }) => environmentPlans(context, request, minor))
    .filter((plan) => environmentState(plan).state !== 'absent')
    .map(({ directory }) => directory);
}
