import type { Context } from '../context.ts';
import { withoutOwnSecrets } from '../platform/childVariables.ts';

/**
 * The person's environment without what would lead Python or uv to another installation, or keep Python from
 * storing bytecode (an ambient `PYTHONDONTWRITEBYTECODE`, common in containers, doubles every start of Airflow), and
 * without the key of their secrets.
 */
export function cleanEnvironment(env: Context['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(withoutOwnSecrets(env)).filter(([name]) => !MISLEADING.has(name)));
}

const MISLEADING = new Set([
  'PYTHONDONTWRITEBYTECODE',
  'PYTHONPYCACHEPREFIX',
  'PYTHONHOME',
  'PYTHONPATH',
  'PYTHONSTARTUP',
  'PYTHONOPTIMIZE',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'UV_PROJECT_ENVIRONMENT',
  'UV_SYSTEM_PYTHON',
  'UV_PYTHON',
  'UV_CONSTRAINT',
  'UV_OVERRIDE',
  '__PYVENV_LAUNCHER__',
]);
