import { constants } from 'node:fs';
import { access, copyFile, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { cacheDirectory } from '../platform/paths.ts';
import { withTemplateLock, withDatabaseLock } from './databaseLock.ts';
import { schemaFingerprint } from './describeDatabase.ts';
import { inheriting, olderDatabase } from './inheritDatabase.ts';
import { migrate } from './migrate.ts';
import type { DatabaseRequest } from './databaseRequest.ts';
import { readRevisions } from './revisions.ts';
import { settleSqlite } from './sqliteTool.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/** @returns whether the file was made by this call. */
export async function ensureSqlite(context: Context, request: DatabaseRequest): Promise<boolean> {
  const file = sqliteFile(request);
  assertUsableInUrl(file);
  if (await isCurrent(file, request)) return false;
  return withDatabaseLock(context, request.project, async () => {
    if (await isFile(file)) {
      if (!(await isCurrent(file, request))) await upgrade(context, file, request);
      return false;
    }
    await inherit(context, file, request);
    if (await isFile(file)) return true;
    await putCopy(await ensureTemplate(context, request), file);
    await remember(file, request);
    return true;
  });
}

export function sqliteFile(request: Pick<DatabaseRequest, 'project' | 'description'>): string {
  return path.join(request.project.stateDirectory, 'sqlite', `${request.description.name}.db`);
}

/** Makes `file` an empty, migrated database. */
export async function emptySqlite(context: Context, request: DatabaseRequest, file: string): Promise<void> {
  await putCopy(await ensureTemplate(context, request), file);
}

/** The migrated, empty file that projects copy; it may not exist yet. */
export function sqliteTemplate(
  context: Context,
  environment: Pick<DatabaseRequest['environment'], 'airflowVersion' | 'fingerprint'>,
  airflowEnvironment: Readonly<Record<string, string>>,
): string {
  const fingerprint = schemaFingerprint(environment, airflowEnvironment);
  return path.join(cacheDirectory(context), 'sqlite', `${environment.airflowVersion}-${fingerprint}.db`);
}

/** Migrated once per environment on a machine; projects copy it. */
async function ensureTemplate(context: Context, request: DatabaseRequest): Promise<string> {
  const { airflowVersion } = request.environment;
  const file = sqliteTemplate(context, request.environment, request.airflowEnvironment);
  if (await isFile(file)) return file;
  const step = {
    type: 'step',
    id: 'database.seed',
    text: `Preparing the database of Airflow ${airflowVersion}`,
  } as const;
  await withTemplateLock(context, `${file}.lock`, async () => {
    if (await isFile(file)) return;
    context.emit({ ...step, state: 'working' });
    const aside = `${file}.building`;
    await rm(aside, { force: true });
    await migrate(context, { ...request, url: `sqlite:///${path.resolve(aside)}` });
    await rename(aside, file);
    context.emit({ ...step, state: 'done' });
  });
  return file;
}

/** After a change to a newer minor version: a migrated copy of the last one's file, which stays as it is. */
async function inherit(context: Context, file: string, request: DatabaseRequest): Promise<void> {
  const folder = path.dirname(file);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.db'));
  const older = olderDatabase(
    names.map((name) => name.slice(0, -'.db'.length)),
    request.description.name,
  );
  if (older === undefined) return;
  const aside = `${file}.inheriting`;
  await inheriting(context, request, older, async () => {
    const source = path.join(folder, `${older}.db`);
    await settleSqlite(context, request.environment.python, source);
    await putCopy(source, aside);
    await migrate(context, { ...request, url: `sqlite:///${aside}` });
    await remember(file, request);
    await rename(aside, file);
  });
  await rm(aside, { force: true });
}

/** The migrated copy takes the place of the old file, which stays beside it. */
async function upgrade(context: Context, file: string, request: DatabaseRequest): Promise<void> {
  const { airflowVersion } = request.environment;
  const revision = (await recall(file))?.revision;
  const revisions = await readRevisions(request.environment);
  if (revision !== undefined && revisions !== undefined && !revisions.known.has(revision)) {
    throw new DevenvError({
      code: 'database_newer_than_airflow',
      what: `The database ${file} was migrated by an Airflow that ${airflowVersion} does not know (revision ${revision}).`,
      why: 'A newer release of the same minor version made it; going back would lose what it added.',
      next: ['Set that version in devenv.yaml: `airflow: {version: …}`'],
    });
  }
  const kept = `${file.slice(0, -'.db'.length)}_before_${airflowVersion}.db`;
  if (!(await isFile(kept))) await putCopy(file, kept);
  await migrate(context, { ...request, url: request.description.url });
  await remember(file, request);
}

async function putCopy(source: string, target: string): Promise<void> {
  await makePrivateFolder(path.dirname(target));
  const aside = `${target}.building`;
  await copyFile(source, aside, constants.COPYFILE_FICLONE);
  await rename(aside, target);
}

interface Memory {
  readonly version: 1;
  /** The last revision the file was migrated to. Kept beside it: we have no SQLite of our own to ask. */
  readonly revision: string;
}

async function isCurrent(file: string, request: DatabaseRequest): Promise<boolean> {
  if (!(await isFile(file))) return false;
  const revisions = await readRevisions(request.environment);
  return revisions === undefined || (await recall(file))?.revision === revisions.head;
}

async function recall(file: string): Promise<Memory | undefined> {
  try {
    const read = JSON.parse(await readFile(`${file}.json`, 'utf8')) as Partial<Memory>;
    return typeof read.revision === 'string' ? { version: 1, revision: read.revision } : undefined;
  } catch {
    return undefined;
  }
}

async function remember(file: string, request: DatabaseRequest): Promise<void> {
  const revisions = await readRevisions(request.environment);
  if (revisions === undefined) return;
  await rememberRevision(file, revisions.head);
}

/** Says what the file was migrated to; nothing said, it is migrated when it is next used. */
export async function rememberRevision(file: string, revision: string | undefined): Promise<void> {
  if (revision === undefined) {
    await rm(`${file}.json`, { force: true });
    return;
  }
  const memory: Memory = { version: 1, revision };
  await writeFileAtomic(`${file}.json`, JSON.stringify(memory));
}

function isFile(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** SQLAlchemy reads a question mark as the start of parameters, and Airflow puts variables in for `$NAME`. */
function assertUsableInUrl(file: string): void {
  const wrong = /[?$]/.exec(file)?.[0];
  if (wrong === undefined) return;
  throw new DevenvError({
    code: 'sqlite_path_unusable',
    what: `SQLite can't be used in ${path.dirname(file)}.`,
    why: `The path has a "${wrong}" in it, which Airflow can't take in the address of a SQLite database.`,
    next: ['Use Postgres: `database: postgres` in devenv.yaml', 'Or move the project to another folder'],
    misuse: true,
  });
}
