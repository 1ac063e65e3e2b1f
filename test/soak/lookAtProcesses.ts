import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnProcess } from './ownProcesses.ts';
import { describeEnd } from './soakCommand.ts';
import type { SoakProject } from './soakProject.ts';

interface Overview {
  readonly runtimeDirectory: string;
  readonly project?: string;
  readonly stack?: {
    readonly pid: number;
    readonly services: readonly { readonly name: string; readonly status: string; readonly pid?: number }[];
  };
  readonly preloaded: readonly { readonly pid?: number }[];
  readonly database?: { readonly pid: number };
  readonly hdfs?: { readonly pid: number };
}

/** Whether `list` and `doctor` say of what runs that it runs, and of nothing else. */
export async function lookAtReports(soak: SoakProject): Promise<string[]> {
  return [
    ...(await settled(soak, () => lookAtList(soak))),
    ...(await settled(soak, () => lookAtDoctor(soak))),
  ];
}

/** What `down --all` has not found. */
export async function lookForLeftovers(soak: SoakProject): Promise<string[]> {
  const args = ['down', '--all'];
  const ended = await soak.devenv(args);
  if (ended.code !== 0) return [describeEnd(args, ended)];
  return settled(soak, async () =>
    soak
      .processes()
      .map(({ pid, role, command }) => `down --all leaves ${role} ${pid}: ${command.slice(0, 150)}`),
  );
}

/** What is still wrong after a while. */
async function settled({ settleMs }: SoakProject, look: () => Promise<string[]>): Promise<string[]> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const wrong = await look();
    if (wrong.length === 0 || performance.now() > deadline) return wrong;
    await sleep(200);
  }
}

async function lookAtList(soak: SoakProject): Promise<string[]> {
  const before = soak.processes();
  const args = ['list', '--json'];
  const ended = await soak.devenv(args);
  if (ended.code !== 0) return [describeEnd(args, ended)];
  const { stacks } = JSON.parse(ended.stdout) as { readonly stacks: readonly Overview[] };
  // HDFS of other projects has a line under this shell's runtime folder, too.
  const ours = stacks.filter(({ project, runtimeDirectory }) =>
    (project ?? runtimeDirectory).startsWith(soak.folder),
  );
  const alive = soak.processes().filter(({ pid }) => before.some((each) => each.pid === pid));
  const said = {
    supervisor: ours.flatMap(({ stack }) => (stack === undefined ? [] : [stack.pid])),
    preload: ours.flatMap(({ preloaded }) => preloaded.flatMap(({ pid }) => pid ?? [])),
    postgres: ours.flatMap(({ database }) => (database === undefined ? [] : [database.pid])),
    hdfs: ours.flatMap(({ hdfs }) => (hdfs === undefined ? [] : [hdfs.pid])),
  };
  const services = ours.flatMap(({ stack }) =>
    (stack?.services ?? []).filter(({ status, pid }) => status === 'ready' && pid !== undefined),
  );
  return [
    ...Object.entries(said).flatMap(([role, pids]) => differences(role, pids, alive)),
    ...services
      .filter(({ pid }) => !alive.some((each) => each.pid === pid))
      .map(({ name, pid }) => `list says that ${name} is ready as process ${pid}, which is none`),
    ...(ours.length === 0 ? alive.map(({ role, pid }) => `list does not tell of ${role} ${pid}`) : []),
  ];
}

function differences(role: string, said: readonly number[], alive: readonly OwnProcess[]): string[] {
  const real = alive.filter((each) => each.role === role).map(({ pid }) => pid);
  return [
    ...said.filter((pid) => !real.includes(pid)).map((pid) => `list tells of ${role} ${pid}, which is none`),
    ...real.filter((pid) => !said.includes(pid)).map((pid) => `list does not tell of ${role} ${pid}`),
  ];
}

interface Report {
  readonly checks: readonly { readonly name: string; readonly verdict: string; readonly detail: string }[];
}

async function lookAtDoctor(soak: SoakProject): Promise<string[]> {
  const args = ['doctor', '--json'];
  const ended = await soak.devenv(args);
  // 1 says that something is wrong: a service that was killed too often, for example.
  if (ended.code !== 0 && ended.code !== 1) return [describeEnd(args, ended)];
  const { checks } = JSON.parse(ended.stdout) as Report;
  const detail = (name: string): string => checks.find((each) => each.name === name)?.detail ?? '';
  const alive = soak.processes();
  const runs = (role: string): boolean => alive.some((each) => each.role === role);
  const stackRuns = detail('stack') !== 'does not run';
  return [
    ...(soak.kind === 'sqlite' || detail('database').includes('answers') === runs('postgres')
      ? []
      : [`doctor says of the database: ${detail('database')}`]),
    ...(/^(ready|loads)/.test(detail('preloaded process')) === runs('preload')
      ? []
      : [`doctor says of the preloaded process: ${detail('preloaded process')}`]),
    ...(stackRuns === runs('supervisor') ? [] : [`doctor says of the stack: ${detail('stack')}`]),
    ...(detail('secrets') === 'none lie in the clear'
      ? []
      : [`doctor says of secrets: ${detail('secrets')}`]),
    ...(stackRuns ? [] : orphans(alive, detail('leftovers'))),
  ];
}

/** What belongs to nothing that lives, and is not named. */
function orphans(alive: readonly OwnProcess[], leftovers: string): string[] {
  const roots = new Set(['preload', 'postgres', 'hdfs', 'helper']);
  const byPid = new Map(alive.map((each) => [each.pid, each]));
  const isOwned = (found: OwnProcess | undefined): boolean =>
    found !== undefined && (roots.has(found.role) || isOwned(byPid.get(found.parent)));
  return alive
    .filter((each) => !isOwned(each) && !leftovers.includes(`pid ${each.pid}`))
    .map(({ role, pid, command }) => `doctor does not tell of ${role} ${pid}: ${command.slice(0, 120)}`);
}
