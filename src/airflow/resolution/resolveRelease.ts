import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { indexError } from '../installError.ts';
import { uploadTimes } from './uploadTimes.ts';
import { uvCompile } from './uvCompile.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What is not among Airflow's extras and belongs to every environment of ours. */
export const DRIVERS = ['psycopg2-binary', 'asyncpg', 'debugpy'];

/**
 * A version for every package that Airflow with all its providers may need, as they were on the day of its release:
 * what the official constraint file holds, from the package index alone. Takes half a minute to two minutes.
 *
 * @returns lines `name==version`; the first line is a comment.
 * @throws DevenvError `airflow_version_unknown`, `packages_unreachable`, `release_not_resolved`.
 */
export async function resolveRelease(
  context: Context,
  uv: string,
  airflowVersion: string,
  pythonMinor: string,
): Promise<string> {
  const request = { uv, target: ['--python-version', pythonMinor], workingDirectory: '/' };
  const until = await endOfReleaseDay(context, request, airflowVersion);
  const args = until === undefined ? [] : ['--exclude-newer', until];
  const lines = [`apache-airflow[all]==${airflowVersion}`, ...DRIVERS];
  const result = await uvCompile(context, { ...request, args, lines });
  if (result.exitCode !== 0) {
    throw indexError(result.stderr) ?? notResolved(airflowVersion, pythonMinor, result.stderr);
  }
  const day = until === undefined ? '' : ` as of ${until}`;
  return `# apache-airflow[all]==${airflowVersion} on Python ${pythonMinor}${day}\n${result.stdout.trim()}\n`;
}

async function endOfReleaseDay(
  context: Context,
  request: Parameters<typeof uploadTimes>[1],
  airflowVersion: string,
): Promise<string | undefined> {
  const pin = `apache-airflow==${airflowVersion}`;
  const time = (await uploadTimes(context, request, [pin])).get('apache-airflow');
  if (time !== undefined) return new Date(time + DAY_MS).toISOString().replace(/\.\d+/, '');
  // The index may not tell times, or the version may not be there.
  const { exitCode, stderr } = await uvCompile(context, { ...request, args: ['--no-deps'], lines: [pin] });
  if (exitCode === 0) return undefined;
  throw indexError(stderr) ?? unknownVersion(airflowVersion, stderr);
}

function unknownVersion(airflowVersion: string, stderr: string): DevenvError {
  return new DevenvError({
    code: 'airflow_version_unknown',
    what: `The package index has no Airflow ${airflowVersion} for this Python.`,
    why: stderr.trim(),
    next: ['Correct airflow.version or airflow.python in devenv.yaml'],
    misuse: true,
  });
}

function notResolved(airflowVersion: string, pythonMinor: string, stderr: string): DevenvError {
  return new DevenvError({
    code: 'release_not_resolved',
    what: `The packages of Airflow ${airflowVersion} for Python ${pythonMinor} can't be worked out from the package index.`,
    why: stderr.trim(),
    next: [
      "Name production's own constraints: airflow.constraints in devenv.yaml, a file or an address",
      'Or choose another airflow.python',
    ],
  });
}
