import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment } from '../../airflow/childEnvironment.ts';
import { step } from '../../airflow/step.ts';
import { ensureUv } from '../../airflow/uv.ts';
import type { ArtifactSettings, Project } from '../../config/project.ts';
import { readArtifacts } from '../../config/readArtifacts.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { pasteableCommand, runCommand } from '../../platform/childProcess.ts';
import { fileSystemError } from '../../platform/fileSystemError.ts';
import { findProgram } from '../../platform/findProgram.ts';
import { planPackage, type PackagePlan, type PackageTools } from './packagePlan.ts';
import { type PackageSource, readPackageSource } from './packageSource.ts';
import { makePrivateFolder } from '../../platform/privateFolder.ts';

export interface PackageRequest {
  /** Absolute folder of the job's project. */
  readonly folder: string;
  /** Absolute; default: `venv.tar.gz` in that folder. */
  readonly output: string | undefined;
  /** The declared artifact whose place it takes; default: the one that is named after the project. */
  readonly artifact: string | undefined;
  /** `linux/amd64`; default: this machine's. */
  readonly platform: string | undefined;
}

export interface BuiltPackage {
  readonly kind: PackagePlan['kind'];
  readonly output: string;
  readonly bytes: number;
  /** Where it overrides an artifact. */
  readonly override: { readonly artifact: string; readonly file: string } | undefined;
}

/**
 * Builds the environment of a job's project and packs it, to be unpacked elsewhere, as its CI would.
 *
 * @throws DevenvError `package_source_unusable`, `package_needs_container`, `artifact_unknown` (misuse),
 * `package_failed`, `uv_install_failed`, `disk_full`.
 */
export async function buildPackage(
  context: Context,
  project: Pick<Project, 'artifacts' | 'spark' | 'airflow' | 'repositories' | 'stateDirectory'>,
  request: PackageRequest,
): Promise<BuiltPackage> {
  const source = await readPackageSource(request.folder);
  const artifact = await artifactFor(project.artifacts, source, request.artifact);
  const tools = await findTools(context);
  const output = request.output ?? path.join(source.folder, outputName(source, tools));
  try {
    await mkdir(path.dirname(output), { recursive: true });
    // On the disk of the archive, which is put in place by rename.
    const aside = await mkdtemp(path.join(path.dirname(output), '.packing-'));
    try {
      const kind = await build(context, project, { source, tools, request, aside, output });
      if (request.output === undefined) await linkIntoAirflowHome(project, source.folder);
      const override =
        artifact === undefined ? undefined : await putOverride(project.artifacts, artifact, output);
      return { kind, output, bytes: (await stat(output)).size, override };
    } finally {
      await rm(aside, { recursive: true, force: true }).catch(() => {});
    }
  } catch (error) {
    throw fileSystemError(error, 'build the package', output);
  }
}

interface Building {
  readonly source: PackageSource;
  readonly tools: PackageTools;
  readonly request: PackageRequest;
  readonly aside: string;
  readonly output: string;
}

async function build(
  context: Context,
  project: Pick<Project, 'spark' | 'airflow'>,
  { source, tools, request, aside, output }: Building,
): Promise<PackagePlan['kind']> {
  const made = path.join(aside, path.basename(output));
  const defaultPython = project.spark?.python ?? project.airflow.python ?? '3.11';
  const choice = { aside, output: made, platform: request.platform, defaultPython };
  // A container gets the folder read-only, and copies it itself.
  const isElsewhere = request.platform !== undefined && request.platform !== tools.platform;
  const plan = planPackage(isElsewhere ? source : await copied(source, aside), tools, choice);
  if (plan === undefined) throw needsContainer(request.platform ?? '');
  for (const each of plan.steps) {
    await step(context, { id: `package.${each.text}`, text: each.text }, async () => {
      const result = await runCommand(each.program, each.args, {
        env: { ...cleanEnvironment(context.env), NO_COLOR: '1' },
        cwd: source.folder,
        signal: context.signal,
        allowFailure: true,
      });
      if (result.exitCode !== 0)
        throw failed(source, pasteableCommand(each.program, each.args), `${result.stdout}\n${result.stderr}`);
    });
  }
  await chmod(made, 0o644);
  await rename(made, output);
  return plan.kind;
}

/** Builds leave `build` and `*.egg-info` in the folder that they are of. */
async function copied(source: PackageSource, aside: string): Promise<PackageSource> {
  if (!source.isInstallable) return source;
  const folder = path.join(aside, 'project');
  const isWanted = (name: string): boolean => !LEFT_OUT.test(path.basename(name));
  // One by one: the copy itself may be inside of the folder.
  for (const name of (await readdir(source.folder)).filter(isWanted))
    await cp(path.join(source.folder, name), path.join(folder, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: isWanted,
    });
  return { ...source, folder };
}

const LEFT_OUT =
  /^(?:build|dist|node_modules|__pycache__|\.(?:venv|tox|mypy_cache|devenv)|\.packing-.*|.*\.egg-info)$/;

/** As CI names them: conda's carry the version, a virtual environment is the project's own. */
function outputName({ name, version, condaFile }: PackageSource, { conda }: PackageTools): string {
  if (condaFile === undefined || conda === undefined) return 'venv.tar.gz';
  return path.join('dist', `${name}-${version ?? '0'}.conda.tgz`);
}

async function findTools(context: Context): Promise<PackageTools> {
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => findProgram(name, context.env)).find((each) => each !== undefined);
  const machine = process.arch === 'x64' ? 'amd64' : process.arch;
  return {
    uv: await ensureUv(context),
    conda: first(['mamba', 'conda', 'micromamba']),
    container: first(['docker', 'podman']),
    platform: `${context.platform}/${machine}`,
  };
}

async function artifactFor(
  settings: ArtifactSettings | undefined,
  source: PackageSource,
  named: string | undefined,
): Promise<string | undefined> {
  if (settings === undefined) return named === undefined ? undefined : throwUnknown(named, []);
  const names = Object.keys((await readArtifacts(settings.file)).artifacts);
  if (named !== undefined) return names.includes(named) ? named : throwUnknown(named, names);
  const wanted = normalized(source.name);
  const matching = names.filter(
    (name) => normalized(name).startsWith(`${wanted}_`) && /\.(?:tgz|tar\.gz)$/.test(name),
  );
  return matching.length === 1 ? matching[0] : undefined;
}

/** Names of packages treat these alike. */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '_');
}

function throwUnknown(name: string, names: readonly string[]): never {
  throw new DevenvError({
    code: 'artifact_unknown',
    what: `No artifact ${name} is declared.`,
    next: [`Declared are ${names.join(', ') || 'none'}`],
    misuse: true,
  });
}

async function putOverride(
  settings: ArtifactSettings | undefined,
  artifact: string,
  output: string,
): Promise<BuiltPackage['override']> {
  if (settings === undefined) return undefined;
  const file = path.join(settings.overrides, artifact);
  await makePrivateFolder(settings.overrides);
  await copyFile(output, `${file}.part`);
  await rename(`${file}.part`, file);
  return { artifact, file };
}

/**
 * In a repository that is deployed as AIRFLOW_HOME itself, DAGs look for the archive at `$AIRFLOW_HOME/<project>/`.
 */
async function linkIntoAirflowHome(
  { repositories, stateDirectory }: Pick<Project, 'repositories' | 'stateDirectory'>,
  folder: string,
): Promise<void> {
  if (!repositories.some((each) => each.path === path.dirname(folder))) return;
  const home = path.join(stateDirectory, 'airflow');
  await makePrivateFolder(home);
  // Whatever has the name already stays.
  await symlink(folder, path.join(home, path.basename(folder))).catch(() => {});
}

function needsContainer(platform: string): DevenvError {
  return new DevenvError({
    code: 'package_needs_container',
    what: `An environment for ${platform} can't be built on this machine itself.`,
    why: 'Neither docker nor podman is on PATH.',
    next: ['Install one of them, or leave --platform out: jobs of this project run on this machine'],
    misuse: true,
  });
}

function failed({ name }: PackageSource, command: string, output: string): DevenvError {
  return new DevenvError({
    code: 'package_failed',
    what: `The environment of ${name} can't be built.`,
    why: output.trim().split('\n').slice(-20).join('\n'),
    next: ['Correct what is said above and run the command again', `Run it yourself: ${command}`],
  });
}
