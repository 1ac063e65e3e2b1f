import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { verifyEnvironment } from '../airflow/environmentManifest.ts';
import { probeContract } from '../airflow/contract.ts';
import { environmentState } from '../airflow/environmentRecord.ts';
import { environmentPlans } from '../airflow/environmentPlan.ts';
import { describeFound } from '../airflow/foundVersions.ts';
import { pythonChoices } from '../airflow/pythonChoice.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { databaseIsUp } from '../database/database.ts';
import { databaseName, sqlitePath } from '../database/describeDatabase.ts';
import { environmentRequest } from '../dagruns/runnerSpec.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { describeHolder, portState } from '../platform/ports.ts';
import { findLeftovers } from '../stack/leftovers.ts';
import { findPreloads, runtimesOfProject } from '../stack/runtimesInUse.ts';
import { overviewStacks, type StackOverview } from '../stack/stackOverview.ts';
import { DEFAULT_PORT, rememberedPort } from '../stack/stackPorts.ts';
import type { CheckResult } from '../ui/checkReport.ts';
import { lookAtClock, lookAtFolder, type Check } from './doctorMachine.ts';
import { lookAtSpark } from './doctorSpark.ts';

type Finding = Omit<CheckResult, 'name'>;

/** What belongs to one project. */
export function projectChecks(context: Context, project: Project): readonly Check[] {
  const seen = overviewOf(context, project);
  // Each check waits for it itself.
  seen.catch(() => {});
  return [
    { name: 'project', look: async () => lookAtProject(project) },
    { name: 'versions', look: () => lookAtVersions(context, project) },
    { name: 'Python', look: () => lookAtPython(context, project) },
    { name: 'environment', look: () => lookAtEnvironment(context, project) },
    { name: 'contract', look: () => lookAtContract(context, project) },
    { name: 'state', look: () => lookAtFolder(project.stateDirectory) },
    { name: 'git-ignore', look: () => lookAtIgnoreFile(project) },
    { name: 'keys', look: () => lookAtKeys(project) },
    { name: 'secrets', look: () => lookAtSecrets(context) },
    { name: 'clock', look: () => lookAtClock(project.stateDirectory, context.now) },
    { name: 'sockets', look: () => lookAtSockets(context, project) },
    { name: 'database', look: () => lookAtDatabase(context, project) },
    ...(project.spark === undefined
      ? []
      : [{ name: 'Spark', look: async () => lookAtSpark(context, project) }]),
    { name: 'preloaded process', look: async () => lookAtPreloaded(await seen) },
    { name: 'stack', look: async () => lookAtStack(await seen) },
    { name: 'port', look: async () => lookAtPort(context, project, await seen) },
    { name: 'leftovers', look: async () => lookAtLeftovers(context, project, await seen) },
  ];
}

async function overviewOf(context: Context, project: Project): Promise<StackOverview | undefined> {
  const directory = await runtimeDirectory(context, project.root);
  return (await overviewStacks([directory], context.platform))[0];
}

function lookAtProject(project: Project): Finding {
  const folders = project.repositories.flatMap((each) => each.dagsFolders);
  const where = project.configFile ?? 'found by looking';
  return folders.length > 0
    ? {
        verdict: 'ok',
        detail: `${project.root} (${where}), ${folders.length} ${folders.length === 1 ? 'folder' : 'folders'} of DAGs`,
      }
    : {
        verdict: 'warn',
        detail: `${project.root} (${where}) has no folder of DAGs`,
        next: ['Go to the repository with your DAGs, or name their folder in devenv.yaml: devenv init'],
      };
}

async function lookAtVersions(context: Context, project: Project): Promise<Finding> {
  const request = environmentRequest(project);
  const [{ minor }] = await pythonChoices(context, request);
  const detail =
    describeFound(context, request, minor) ?? `Airflow ${request.airflowVersion}; the repositories pin none`;
  const configured = project.configFile !== undefined && request.found === undefined;
  return { verdict: 'ok', detail: configured ? `Airflow ${request.airflowVersion}` : detail };
}

async function lookAtPython(context: Context, project: Project): Promise<Finding> {
  const [choice] = await pythonChoices(context, environmentRequest(project));
  const found = choice.interpreter;
  return {
    verdict: 'ok',
    detail:
      found === undefined
        ? `${choice.minor}, which uv finds or downloads`
        : `${choice.minor} at ${found.executable}`,
  };
}

async function lookAtEnvironment(context: Context, project: Project): Promise<Finding> {
  const request = environmentRequest(project);
  const choices = await pythonChoices(context, request);
  for (const plan of choices.flatMap(({ minor }) => environmentPlans(context, request, minor))) {
    const found = environmentState(plan);
    if (found.state === 'absent') continue;
    const { missing, changed } = await verifyEnvironment(found.environment);
    const damage = missing.length + changed.length;
    return damage === 0
      ? { verdict: 'ok', detail: `Airflow ${request.airflowVersion} in ${plan.directory}` }
      : {
          verdict: 'warn',
          detail: `${plan.directory}: files missing: ${missing.length}, changed: ${changed.length}`,
          next: ['The next run that meets it makes it anew', `Or make it anew now: rm -r ${plan.directory}`],
        };
  }
  return { verdict: 'ok', detail: `Airflow ${request.airflowVersion} is installed by the first run` };
}

/** What devenv uses of this Airflow beyond its public interface. */
async function lookAtContract(context: Context, project: Project): Promise<Finding> {
  const request = environmentRequest(project);
  const choices = await pythonChoices(context, request);
  const plans = choices.flatMap(({ minor }) => environmentPlans(context, request, minor));
  const found = plans.map(environmentState).find((each) => each.state !== 'absent');
  if (found === undefined) return { verdict: 'ok', detail: 'is looked at when Airflow is installed' };
  const report = found.record.contract ?? (await probeContract(context, found.environment.directory));
  if (report === undefined) return { verdict: 'warn', detail: 'Airflow could not be looked at' };
  const { airflow, holding, missing } = report;
  const count = `${holding.length} of ${holding.length + missing.length} names that devenv knows for Airflow ${airflow} are as it needs them`;
  if (missing.length === 0) return { verdict: 'ok', detail: count };
  return {
    verdict: 'warn',
    detail: [count, ...missing.map(({ name, reasons }) => `${name}: ${reasons.join('; ')}`)].join('. '),
    next: missing.map(({ name, without }) => `Without ${name}: ${without}`),
  };
}

async function lookAtIgnoreFile({ stateDirectory }: Project): Promise<Finding> {
  if (!(await exists(stateDirectory))) return { verdict: 'ok', detail: '.devenv is made by the first run' };
  const text = await readFile(path.join(stateDirectory, '.gitignore'), 'utf8').catch(() => '');
  return text.split('\n').includes('*')
    ? { verdict: 'ok', detail: '.devenv stays out of Git' }
    : {
        verdict: 'warn',
        detail: '.devenv has no .gitignore: its database and its keys may be committed',
        next: [`echo '*' > ${path.join(stateDirectory, '.gitignore')}`],
      };
}

async function lookAtSecrets(context: Context): Promise<Finding> {
  const { abandonedFolders } = await import('../seed/secrets/plainTextFile.ts');
  const folders = await abandonedFolders(context);
  return folders.length === 0
    ? { verdict: 'ok', detail: 'none lie in the clear' }
    : {
        verdict: 'warn',
        detail: `in the clear, left by an edit that was killed: ${folders.join(', ')}`,
        next: [
          'devenv secrets list removes them, and so does devenv down; what was typed is kept, encrypted',
        ],
      };
}

async function lookAtKeys({ stateDirectory }: Project): Promise<Finding> {
  const file = path.join(stateDirectory, 'keys.json');
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return { verdict: 'ok', detail: 'made by the first run' };
  // A folder in its place holds no keys either.
  const { fernet, jwt, api } = parseKeys(await readFile(file, 'utf8').catch(() => ''));
  if (!fernet || !jwt || !api) {
    return {
      verdict: 'fail',
      detail: `${file} can't be read as keys`,
      next: ['Restore it from a backup: without it encrypted variables and connections are lost'],
    };
  }
  return (found.mode & 0o077) === 0
    ? { verdict: 'ok', detail: 'there, and only yours to read' }
    : { verdict: 'fail', detail: `others may read ${file}`, next: [`chmod 600 ${file}`] };
}

function parseKeys(text: string): {
  readonly fernet?: unknown;
  readonly jwt?: unknown;
  readonly api?: unknown;
} {
  try {
    return JSON.parse(text) as { fernet?: unknown };
  } catch {
    return {};
  }
}

async function lookAtSockets(context: Context, project: Project): Promise<Finding> {
  return { verdict: 'ok', detail: await runtimeDirectory(context, project.root) };
}

async function lookAtDatabase(context: Context, project: Project): Promise<Finding> {
  if (project.database === 'sqlite') return lookAtSqlite(project);
  const isThere = await exists(path.join(project.stateDirectory, 'postgres', 'data'));
  const isUp = isThere && (await databaseIsUp(context, project));
  const words = isUp
    ? 'answers'
    : isThere
      ? 'is stopped; whoever needs it starts it'
      : 'is made by the first run';
  return { verdict: 'ok', detail: `Postgres ${words}` };
}

/** The first bytes of a file tell whether it is a database at all; the rest is for `devenv unlockdb`. */
async function lookAtSqlite(project: Project): Promise<Finding> {
  const file = sqlitePath(project, databaseName(project.airflow.version));
  const start = await readStart(file, SQLITE_START.length);
  if (start === undefined) return { verdict: 'ok', detail: 'SQLite is made by the first run' };
  if (start === '' || start === SQLITE_START) return { verdict: 'ok', detail: 'SQLite' };
  return {
    verdict: 'fail',
    detail: `${file} is damaged: it is no SQLite database any more`,
    next: ['devenv snapshot restore NAME (devenv snapshot list)', 'devenv db reset; the file is kept'],
  };
}

const SQLITE_START = 'SQLite format 3\0';

async function readStart(file: string, bytes: number): Promise<string | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function lookAtPreloaded(seen: StackOverview | undefined): Finding {
  const [first] = seen?.preloaded ?? [];
  if (first === undefined) return { verdict: 'ok', detail: 'none; the next run starts it' };
  const state = first.silent === true ? 'loads, or ends' : 'ready';
  return { verdict: 'ok', detail: first.pid === undefined ? state : `${state}, pid ${first.pid}` };
}

function lookAtStack(seen: StackOverview | undefined): Finding {
  const stack = seen?.stack;
  if (stack === undefined) return { verdict: 'ok', detail: 'does not run' };
  const trouble = stack.services.filter(({ status }) =>
    ['failed', 'unhealthy', 'backing-off'].includes(status),
  );
  if (trouble.length === 0) return { verdict: 'ok', detail: stack.status };
  const failed = trouble.some(({ status }) => status === 'failed');
  return {
    verdict: failed ? 'fail' : 'warn',
    detail: trouble
      .map(({ name, status, detail }) => `${name} ${status}${detail ? ` (${detail})` : ''}`)
      .join(', '),
    next: [`devenv logs ${trouble.map(({ name }) => name).join(' ')}`, 'devenv restart'],
  };
}

async function lookAtPort(
  context: Context,
  project: Project,
  seen: StackOverview | undefined,
): Promise<Finding> {
  if (seen?.stack?.url !== undefined) return { verdict: 'ok', detail: `${seen.stack.url} is this stack` };
  const port = (await rememberedPort(project.stateDirectory)) ?? DEFAULT_PORT;
  const state = await portState(port, context.platform);
  if (state.state === 'free') return { verdict: 'ok', detail: `${port} is free` };
  const why = state.state === 'taken' ? `is taken by ${describeHolder(state.holder)}` : 'is not yours to use';
  return { verdict: 'warn', detail: `${port} ${why}`, next: ['Nothing: the next start takes another one'] };
}

async function lookAtLeftovers(
  context: Context,
  project: Project,
  seen: StackOverview | undefined,
): Promise<Finding> {
  if (seen === undefined) return { verdict: 'ok', detail: 'none' };
  const elsewhere = await preloadedElsewhere(context, seen.runtimeDirectory);
  // What a living supervisor owns is not left over.
  const own = seen.stack === undefined ? await ownLeftovers(context, project, seen) : [];
  if (own.length + elsewhere.length === 0) return { verdict: 'ok', detail: 'none' };
  return {
    verdict: 'warn',
    detail: [...own, ...elsewhere].join(', '),
    next:
      elsewhere.length > 0
        ? ['devenv down --all ends them']
        : ['devenv down ends them', 'devenv up would end them, too'],
  };
}

async function ownLeftovers(context: Context, project: Project, seen: StackOverview): Promise<string[]> {
  const processes = await findLeftovers(context, project, path.basename(seen.runtimeDirectory));
  return [
    ...processes.map(({ description, pid }) => `${description} (pid ${pid})`),
    ...seen.stale.map((name) => `the socket ${name}`),
  ];
}

/** Started by a shell whose temporary files lie elsewhere: no command of this one uses it. */
async function preloadedElsewhere({ platform }: Context, own: string): Promise<string[]> {
  const found = await findPreloads(platform);
  const others = runtimesOfProject(own, found).filter((each) => each !== own);
  return others.map((folder) => {
    const pid = found.find((each) => each.runtimeDirectory === folder)?.pid;
    return `a preloaded process of another TMPDIR (pid ${pid}, ${folder})`;
  });
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
