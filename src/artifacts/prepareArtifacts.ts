import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { openHdfs } from '../hdfs/openHdfs.ts';
import { syncArtifacts } from './syncArtifacts.ts';

/**
 * Before a stack or a run: the artifacts of the project are in its HDFS, as far as they can be had. What is missing is
 * told as a warning: most DAGs do without.
 *
 * @throws DevenvError what `openHdfs` throws; the signal's reason.
 */
export async function prepareArtifacts(context: Context, project: Project): Promise<void> {
  const { artifacts } = project;
  if (artifacts === undefined) return;
  const hdfs = await openHdfs(context, project);
  try {
    const report = await syncArtifacts(context, { ...project, artifacts }, hdfs, { names: [], force: false });
    for (const { error, result } of report.artifacts) if (error !== undefined) warn(context, error, result);
  } catch (error) {
    context.signal.throwIfAborted();
    // A mistake in the file of artifacts.
    if (!(error instanceof DevenvError)) throw error;
    warn(context, error, 'failed');
  } finally {
    hdfs.close();
  }
}

function warn(context: Context, error: DevenvError, result: string): void {
  const rest = result === 'kept' ? ' The one that is in HDFS stays.' : '';
  const text = `${error.what} ${error.why ?? ''}${rest} (devenv artifacts sync tries again)`;
  context.emit({ type: 'message', level: 'warning', text });
}
