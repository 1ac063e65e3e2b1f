import { createReadStream } from 'node:fs';
import path from 'node:path';
import { step } from '../airflow/step.ts';
import type { ArtifactSettings, Project } from '../config/project.ts';
import { readArtifacts } from '../config/readArtifacts.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { checkNameservices } from '../hdfs/configuration/checkNameservices.ts';
import type { HdfsFiles } from '../hdfs/client/hdfsFiles.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { type Artifact, CURRENT, listArtifacts } from './artifact.ts';
import { artifactStatus, type ArtifactStatus, type SyncState } from './artifactStatus.ts';
import { readState, writeState } from './artifactState.ts';
import { checksum, download } from './download.ts';

export interface SyncOptions {
  /** Only these; all without one. */
  readonly names: readonly string[];
  /** Also what is current, downloaded anew. */
  readonly force: boolean;
}

export interface SyncReport {
  readonly artifacts: readonly SyncedArtifact[];
}

export interface SyncedArtifact {
  readonly name: string;
  readonly target: string;
  /** What it was before. */
  readonly before: SyncState;
  /** `kept`: it could not be brought, and what is in HDFS stays. */
  readonly result: 'current' | 'put' | 'kept' | 'failed';
  /** Of the file in HDFS now; undefined when there is none. */
  readonly bytes: number | undefined;
  readonly error: DevenvError | undefined;
}

type ArtifactProject = Pick<Project, 'stateDirectory'> &
  Partial<Pick<Project, 'hdfs'>> & { readonly artifacts: ArtifactSettings };

/**
 * Brings the artifacts that the project declares to where its jobs look for them, as the cache warming of production
 * does. One that can't be brought does not keep the others from it.
 *
 * @throws DevenvError `artifacts_file_not_found`, `config_*`, `artifact_unknown`, `artifact_source_unknown`,
 * `hdfs_nameservice_unknown` (misuse).
 */
export async function syncArtifacts(
  context: Context,
  project: ArtifactProject,
  hdfs: HdfsFiles,
  options: SyncOptions,
): Promise<SyncReport> {
  const artifacts = await declaredArtifacts(project, options.names);
  const lock = path.join(project.stateDirectory, 'artifacts', 'sync.lock');
  return withAnnouncedLock(context, lock, 'another devenv that synchronizes artifacts', async () => {
    const synced: SyncedArtifact[] = [];
    for (const artifact of artifacts) {
      context.signal.throwIfAborted();
      synced.push(await syncOne(context, project, hdfs, artifact, options));
    }
    return { artifacts: synced };
  });
}

/** How every declared artifact stands, in the order of the file. */
export async function compareArtifacts(
  project: ArtifactProject,
  hdfs: HdfsFiles,
  names: readonly string[] = [],
): Promise<ArtifactStatus[]> {
  const artifacts = await declaredArtifacts(project, names);
  const state = await readState(project.stateDirectory);
  return Promise.all(artifacts.map(async (each) => artifactStatus(each, state, hdfs)));
}

async function declaredArtifacts(
  { artifacts: settings, hdfs }: ArtifactProject,
  names: readonly string[],
): Promise<Artifact[]> {
  const declared = await readArtifacts(settings.file);
  const caches = [declared.cache, ...Object.values(declared.artifacts).map(({ cache }) => cache)];
  await checkNameservices(
    caches.filter((each) => each !== undefined),
    hdfs ?? { nameservice: undefined, user: undefined, conf: [], seed: [] },
    `${settings.file} names as a cache`,
  );
  const all = listArtifacts(declared, settings);
  const unknown = names.find((name) => all.every((each) => each.name !== name));
  if (unknown === undefined) return all.filter(({ name }) => names.length === 0 || names.includes(name));
  throw new DevenvError({
    code: 'artifact_unknown',
    what: `There is no artifact ${unknown} in ${settings.file}.`,
    next: [`It declares ${all.map(({ name }) => name).join(', ') || 'none'}`],
    misuse: true,
  });
}

async function syncOne(
  context: Context,
  project: ArtifactProject,
  hdfs: HdfsFiles,
  artifact: Artifact,
  { force }: SyncOptions,
): Promise<SyncedArtifact> {
  const { name, target } = artifact;
  const status = await artifactStatus(artifact, await readState(project.stateDirectory), hdfs);
  const { state: before } = status;
  const bytes = status.inHdfs?.length;
  if (before === 'current' && !force)
    return { name, target, before, result: 'current', bytes, error: undefined };
  let put: number | undefined;
  try {
    const text = `Bringing ${name} to HDFS`;
    await step(context, { id: `artifact.${name}`, text }, async (update) => {
      const file = await localFile(context, artifact, force, (current, total) =>
        update({ current, ...(total === undefined ? {} : { total }) }),
      );
      put = await putArtifact(context, project, hdfs, { status, file });
    });
    return { name, target, before, result: 'put', bytes: put, error: undefined };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof DevenvError)) throw error;
    return { name, target, before, result: status.inHdfs === undefined ? 'failed' : 'kept', bytes, error };
  }
}

async function localFile(
  context: Context,
  { name, origin, sha256 }: Artifact,
  again: boolean,
  onProgress: (received: number, total: number | undefined) => void,
): Promise<string> {
  if (origin.kind === 'web') {
    const directory = path.join(cacheDirectory(context), 'artifacts');
    return download(context, { name, addresses: origin.addresses, sha256, directory, again, onProgress });
  }
  const found = await checksum(origin.path).catch((cause: unknown) => {
    throw sourceMissing(name, origin.path, cause);
  });
  if (sha256 === undefined || found === sha256) return origin.path;
  throw new DevenvError({
    code: 'artifact_checksum',
    what: `The artifact ${name} is not the file that was declared.`,
    why: `The sha256 of ${origin.path} is ${found}, and ${sha256} was expected.`,
    next: ['If the file was replaced on purpose, correct sha256'],
  });
}

/** Written beside and renamed: a job that starts meanwhile finds the old file or the new. @returns its bytes. */
async function putArtifact(
  context: Context,
  project: ArtifactProject,
  hdfs: HdfsFiles,
  { status: { artifact, stamp }, file }: { readonly status: ArtifactStatus; readonly file: string },
): Promise<number> {
  const { name, target, versioned } = artifact;
  if (versioned) await putFile(hdfs, file, versionOf(target, context.now()));
  await putFile(hdfs, file, target);
  const inHdfs = await hdfs.status(target);
  if (inHdfs === undefined) throw new Error(`${target} has gone again`);
  const state = await readState(project.stateDirectory);
  const { length, modificationTime } = inHdfs;
  const known = { target, stamp: stamp ?? '', sha256: await checksum(file), length, modificationTime };
  await writeState(project.stateDirectory, { ...state, [name]: known });
  return length;
}

/** `<cache>/20260131123005/<name>`, beside `<cache>/current/<name>`. */
function versionOf(target: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const folder = path.posix.dirname(target);
  const parent = path.posix.basename(folder) === CURRENT ? path.posix.dirname(folder) : folder;
  return path.posix.join(parent, time, path.posix.basename(target));
}

async function putFile(hdfs: HdfsFiles, file: string, target: string): Promise<void> {
  const aside = path.posix.join(path.posix.dirname(target), `.${path.posix.basename(target)}.part`);
  await hdfs.create(aside, createReadStream(file), { overwrite: true });
  await hdfs.replace(aside, target);
}

function sourceMissing(name: string, file: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'artifact_file_not_found',
    what: `The artifact ${name} is made from ${file}, which can't be read.`,
    why: cause instanceof Error ? cause.message : String(cause),
    next: ['Build it (devenv package makes environments), or correct its source'],
    cause,
  });
}
