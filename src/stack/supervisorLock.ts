import { existsSync } from 'node:fs';
import path from 'node:path';
import { DevenvError } from '../errors.ts';
import { withFileLock } from '../platform/fileLock.ts';

/** A supervisor that is just ending has its services to stop. */
const PATIENCE_MS = 20_000;

/**
 * Does the work while no supervisor of the project lives, from whichever shell: the lock lies beside the data, since
 * another environment may have another runtime folder.
 *
 * @throws DevenvError `supervisor_elsewhere` when one goes on living; the signal's reason when aborted while waiting.
 */
export async function withSupervisorLock<T>(
  stateDirectory: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  // Where nothing was ever started nobody can be, and a look must leave nothing behind.
  if (!existsSync(stateDirectory)) return work();
  let holder = 0;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const file = path.join(stateDirectory, 'supervisor.lock');
  let entered = false;
  try {
    return await withFileLock(
      file,
      { signal: AbortSignal.any([signal, patience]), onWait: ({ pid }) => (holder = pid) },
      () => {
        entered = true;
        return work();
      },
    );
  } catch (error) {
    if (entered || !patience.aborted || signal.aborted) throw error;
    throw elsewhere(holder);
  }
}

function elsewhere(pid: number): DevenvError {
  return new DevenvError({
    code: 'supervisor_elsewhere',
    what: `Another supervisor of this project runs, process ${pid}, and can't be reached from here.`,
    why: 'It was started with another XDG_RUNTIME_DIR or AIRFLOW_DEVENV_RUNTIME, or is just being stopped.',
    next: ['Use the shell that it was started from', `Or end it, and its stack with it: kill ${pid}`],
  });
}
