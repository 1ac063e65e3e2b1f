import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment } from '../airflow/childEnvironment.ts';
import { findInterpreters, minorOf } from '../airflow/pythonProbe.ts';
import { readRequirements } from '../airflow/requirements.ts';
import { step } from '../airflow/step.ts';
import { ensureUv } from '../airflow/uv.ts';
import type { SparkSettings } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { runCommand } from '../platform/childProcess.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { fileSystemError } from '../platform/fileSystemError.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { type SparkInstallation, sparkInEnvironment } from './sparkInstallation.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

type Request = Pick<SparkSettings, 'python' | 'requirements'> & { readonly version: string };

/**
 * An environment of its own with this version of pyspark, shared by every project that asks for the same; installed
 * when it is not there, which takes a minute or two: Spark is 300 MB.
 *
 * @throws DevenvError `spark_install_failed`, `python_not_found`, `uv_install_failed`, `requirements_not_found`,
 * `disk_full`, `not_writable`.
 */
export async function ensureSpark(context: Context, request: Request): Promise<SparkInstallation> {
  const directory = environmentFolder(context, request);
  const ready = (): SparkInstallation | undefined => {
    try {
      readFileSync(path.join(directory, RECORD));
      return sparkInEnvironment(directory);
    } catch {
      return undefined;
    }
  };
  const found = ready();
  if (found !== undefined) return found;
  await makePrivateFolder(path.dirname(directory));
  return withAnnouncedLock(context, `${directory}.lock`, 'another devenv that installs Spark', async () => {
    const meanwhile = ready();
    if (meanwhile !== undefined) return meanwhile;
    const text = `Installing Spark ${request.version}`;
    await step(context, { id: 'spark.install', text }, async () => build(context, request, directory));
    const built = ready();
    if (built === undefined) throw installFailed(request, 'pip ended well, but there is no Spark in it.');
    return built;
  });
}

const RECORD = 'spark.json';

function environmentFolder(context: Context, request: Request): string {
  const lines = readRequirements(request.requirements).map(({ text }) => text);
  const parts = ['spark 1', request.version, request.python ?? '', context.platform, process.arch, ...lines];
  const key = hash('sha256', parts.join('\0')).slice(0, 12);
  return path.join(cacheDirectory(context), 'spark', `spark-${request.version}-${key}`);
}

/** Built aside and put in place by rename: nobody ever sees a part of one. */
async function build(context: Context, request: Request, directory: string): Promise<void> {
  const aside = `${directory}.building`;
  try {
    await rm(aside, { recursive: true, force: true });
    const uv = await ensureUv(context);
    const python = await choosePython(context, request);
    const env = { ...cleanEnvironment(context.env), NO_COLOR: '1' };
    const options = { env, cwd: path.dirname(aside), signal: context.signal, allowFailure: true };
    const made = await runCommand(
      uv,
      ['venv', '--relocatable', '--no-project', '--python', python, aside],
      options,
    );
    if (made.exitCode !== 0) throw installFailed(request, made.stderr);
    const own = request.requirements.flatMap((file) => ['-r', file]);
    const words = [
      'pip',
      'install',
      '--python',
      path.join(aside, 'bin', 'python'),
      ...packages(request),
      ...own,
    ];
    const installed = await runCommand(uv, words, options);
    if (installed.exitCode !== 0) throw installFailed(request, installed.stderr);
    await writeFileAtomic(
      path.join(aside, RECORD),
      `${JSON.stringify({ version: 1, spark: request.version })}\n`,
    );
    await rm(directory, { recursive: true, force: true });
    await rename(aside, directory);
  } catch (error) {
    throw fileSystemError(error, 'install Spark', directory);
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => {});
  }
}

/** Sparks before 4 import `distutils`, which Python 3.12 has no more; setuptools brings it back. */
function packages({ version }: Request): string[] {
  return [`pyspark==${version}`, ...(Number(version.split('.')[0]) < 4 ? ['setuptools<81', 'wheel'] : [])];
}

/** The first on PATH that this Spark was made for; where there is none, one that uv finds or downloads. */
async function choosePython(context: Context, { version, python }: Request): Promise<string> {
  const minors = python === undefined ? suitablePythons(version) : [minorOf(python)];
  const found = await findInterpreters(context, minors);
  const exact = found.find((each) => python === undefined || each.version.startsWith(python));
  return exact?.executable ?? python ?? minors[0] ?? '3.11';
}

/** Newest first; from the classifiers of the packages. */
function suitablePythons(sparkVersion: string): readonly string[] {
  const [major = 0, minor = 0] = sparkVersion.split('.').map(Number);
  if (major >= 4) return ['3.12', '3.11', '3.13', '3.10'];
  if (major === 3 && minor >= 5) return ['3.11', '3.12', '3.10', '3.9'];
  if (major === 3 && minor >= 4) return ['3.11', '3.10', '3.9'];
  if (major === 3 && minor >= 2) return ['3.10', '3.9', '3.8'];
  return ['3.8', '3.9', '3.7'];
}

function installFailed({ version }: Request, output: string): DevenvError {
  return new DevenvError({
    code: 'spark_install_failed',
    what: `Spark ${version} can't be installed.`,
    why: output.trim().split('\n').slice(-15).join('\n'),
    next: [
      'Check that the package index is reachable, and that it has this version of pyspark',
      'Or name another: spark.version, spark.python and spark.requirements in devenv.yaml',
    ],
  });
}
