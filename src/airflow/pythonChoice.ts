import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import type { EnvironmentRequest } from './environment.ts';
import type { EnvironmentPlan } from './environmentPlan.ts';
import { shippedLock } from './locks.ts';
import { findInterpreters, type Interpreter, minorOf } from './pythonProbe.ts';
import { requestedPython, supportedPythons } from './pythonVersions.ts';

/** A Python that would do; without an interpreter it is up to uv to find or download one. */
export interface PythonChoice {
  /** E.g. `3.12`. */
  readonly minor: string;
  readonly interpreter: Interpreter | undefined;
}

/** What `uv venv --python` is given, and what uv needs in its environment to find it. */
export interface PythonSource {
  readonly python: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The Pythons this request can be met with, best first: the one it names, on PATH or where pyenv, uv and the like keep
 * theirs; else one on PATH that we ship a lock for; else any that we ship a lock for. Starts nothing when asked a second time.
 *
 * @throws DevenvError `python_version_invalid`, `python_unsupported`.
 */
export async function pythonChoices(
  context: Context,
  request: EnvironmentRequest,
): Promise<readonly [PythonChoice, ...PythonChoice[]]> {
  const minors = candidates(request);
  const found = await findInterpreters(context, minors);
  const wanted = minors.filter((minor) => minor === (request.python && minorOf(request.python)));
  // Beside PATH are more Pythons than a person means: one counts when it is asked for, or nothing else is there.
  const asked = wanted.length > 0 && found.every(({ version }) => minorOf(version) !== wanted[0]);
  if (asked || found.length === 0) {
    found.push(...(await findInterpreters(context, asked ? wanted : minors, { beside: true })));
  }
  const choices = minors.map((minor) => ({ minor, interpreter: pick(found, request, minor) }));
  const onPath = choices.find((choice) => choice.interpreter !== undefined);
  const [first = { minor: '3.12', interpreter: undefined }, ...others] =
    onPath === undefined ? choices : [onPath];
  return [first, ...others];
}

/** Where the interpreter for one of these choices comes from, preferring what is on the machine. */
export async function locatePython(
  context: Context,
  request: EnvironmentRequest,
  choices: readonly [PythonChoice, ...PythonChoice[]],
  uv: string,
): Promise<{ readonly minor: string; readonly source: PythonSource }> {
  const [first] = choices;
  if (first.interpreter !== undefined) {
    return { minor: first.minor, source: { python: first.interpreter.executable, env: {} } };
  }
  const minors = choices.map((choice) => choice.minor);
  const again = await findInterpreters(context, minors, { again: true });
  const ours = { UV_PYTHON_INSTALL_DIR: path.join(cacheDirectory(context), 'python') };
  for (const minor of minors) {
    const python = request.found?.python === undefined ? (request.python ?? minor) : minor;
    const onPath = pick(again, request, minor);
    if (onPath !== undefined) return { minor, source: { python: onPath.executable, env: {} } };
    for (const env of [{}, ours]) {
      if (await uvFinds(context, uv, python, env)) return { minor, source: { python, env } };
    }
  }
  return { minor: first.minor, source: { python: request.python ?? first.minor, env: ours } };
}

export function pythonDownloadError(
  plan: EnvironmentPlan,
  source: PythonSource,
  stderr: string,
): DevenvError {
  if (path.isAbsolute(source.python)) {
    return new DevenvError({
      code: 'environment_create_failed',
      what: `uv can't create a virtual environment with ${source.python}.`,
      why: stderr.trim(),
      next: ['Check that this Python works', 'Or name another: airflow.python in devenv.yaml'],
    });
  }
  const others = supportedPythons(plan.airflowVersion).filter((minor) => minor !== plan.pythonMinor);
  return new DevenvError({
    code: 'python_not_found',
    what: `Python ${source.python} is not on this machine, and uv can't download it.`,
    why: stderr.trim(),
    next: [
      `Install Python ${plan.pythonMinor} so that python${plan.pythonMinor} is on PATH (apt install python${plan.pythonMinor}, brew install python@${plan.pythonMinor})`,
      `Or name another in devenv.yaml: airflow.python may be ${others.join(', ')}`,
    ],
  });
}

function candidates(request: EnvironmentRequest): readonly string[] {
  const { airflowVersion, python, found } = request;
  const isWish = found?.python !== undefined;
  if (python !== undefined && !isWish) return [requestedPython(python, airflowVersion)];
  const supported = supportedPythons(airflowVersion);
  const locked = supported.filter((minor) => shippedLock(airflowVersion, minor) !== undefined);
  const usable = locked.length > 0 ? locked : supported;
  const wished = usable.filter((minor) => minor === python);
  return [...wished, ...usable.filter((minor) => minor !== python)];
}

function pick(
  found: readonly Interpreter[],
  request: EnvironmentRequest,
  minor: string,
): Interpreter | undefined {
  const exact =
    request.python?.split('.').length === 3 && request.found?.python === undefined
      ? request.python
      : undefined;
  return found.find(({ version }) => minorOf(version) === minor && (exact ?? version) === version);
}

async function uvFinds(
  context: Context,
  uv: string,
  python: string,
  env: PythonSource['env'],
): Promise<boolean> {
  const result = await runCommand(uv, ['python', 'find', '--no-project', '--no-python-downloads', python], {
    env: { ...cleanEnvironment(context.env), ...env },
    cwd: '/',
    signal: context.signal,
    allowFailure: true,
  });
  return result.exitCode === 0;
}
