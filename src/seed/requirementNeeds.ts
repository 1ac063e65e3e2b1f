import path from 'node:path';
import { isForeign, readRequirements, type RequirementLine } from '../airflow/requirements.ts';
import type { Project } from '../config/project.ts';
import { DevenvError } from '../errors.ts';
import { runNeed, type TrustNeed } from '../trust/trustNeed.ts';

/** What Python's build tools read of a folder, and run. */
const BUILD_FILES = ['setup.py', 'pyproject.toml'] as const;

/**
 * What making the environment would run of a repository: requirements that are built from a folder or an address,
 * or that come from another index. A look at the database makes the environment, too.
 */
export async function requirementNeeds(
  project: Pick<Project, 'root' | 'airflow'>,
): Promise<readonly TrustNeed[]> {
  const { airflow, root } = project;
  const needs = linesOf(airflow.requirements)
    .filter(isForeign)
    .map(async ({ file, line, text }) => {
      const folder = path.dirname(file);
      const target = path.resolve(folder, /^(?:-e|--editable)?[\s=]*([^\s[;]+)/.exec(text)?.[1] ?? '.');
      return runNeed(
        { root, env: {} },
        {
          what: `what "${text}" builds or brings`,
          words: [text, ...BUILD_FILES.map((name) => path.join(target, name))],
          folder,
          place: { file, line },
        },
      );
    });
  return Promise.all(needs);
}

function linesOf(files: readonly string[]): readonly RequirementLine[] {
  try {
    return readRequirements(files);
  } catch (error) {
    // Told by the command that installs them.
    if (error instanceof DevenvError) return [];
    throw error;
  }
}
