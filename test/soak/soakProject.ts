import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createProject, type TestProject } from '../e2e/support/project.ts';
import { DatabaseStates, type SeenRows } from './databaseStates.ts';
import { ownProcesses, type OwnProcess } from './ownProcesses.ts';
import { describeEnd, startCommand, type CommandPlace, type Ended, type SoakCommand } from './soakCommand.ts';
import { DAG, EDITOR, LOCK, LOOK, seedFile } from './soakFiles.ts';

export interface SoakProject extends AsyncDisposable {
  readonly kind: 'postgres' | 'sqlite';
  /** Of everything: the project, its runtime folder, its temporary files. */
  readonly folder: string;
  readonly root: string;
  /** Every secret begins with one of these, and they may be in no file. */
  readonly secrets: readonly string[];
  /** Milliseconds since the epoch: what the cache got since then is looked at. */
  readonly begunAt: number;
  readonly settleMs: number;
  readonly database: DatabaseStates;
  /** Values that `secrets get soak` may print. */
  readonly stored: Set<string>;
  readonly generation: number;
  start(args: readonly string[], place?: Partial<CommandPlace>): SoakCommand;
  /** Runs it to its end. */
  devenv(args: readonly string[], place?: Partial<CommandPlace>): Promise<Ended>;
  /** Another value for the secret, to be typed. */
  nextSecret(): string;
  /** Files that make the next seed another one. */
  nextGeneration(): Promise<number>;
  /** The number of the row that was inserted last, or was to be. */
  readonly row: number;
  /** Of the rows that must never change, as the first look saw them. */
  readonly digest: string;
  /** What the database has, before this very call inserts a row of its own. */
  rows(): Promise<SeenRows>;
  processes(): readonly OwnProcess[];
}

const READY: readonly (readonly string[])[] = [
  ['run-dag', '-q', 'dags/soak.py'],
  ['seed', '-q'],
];

/** How long the soak waits, in milliseconds. */
export interface SoakTimes {
  /** A command that takes longer counts as one that hangs. */
  readonly limitMs: number;
  /** Processes have so long to notice that what they belong to was killed, and a report to agree with what there is. */
  readonly settleMs: number;
}

export async function createSoakProject(kind: SoakProject['kind'], times: SoakTimes): Promise<SoakProject> {
  const project = await createProject({
    airflow: '3.3.2',
    files: { 'dags/soak.py': DAG, 'look.py': LOOK, 'lock.py': LOCK, 'editor.sh': EDITOR },
    database: kind,
  });
  await writeFile(
    path.join(project.root, 'devenv.yaml'),
    `airflow: {version: 3.3.2}\ndatabase: ${kind}\nhdfs: {}\n`,
  );
  await chmod(path.join(project.root, 'editor.sh'), 0o755);
  const soak = await describeProject(kind, project, times);
  await mkdir(path.join(project.root, 'seed'));
  await soak.nextGeneration();
  await succeed(soak, ['secrets', 'init']);
  await succeed(soak, ['secrets', 'set', 'soak'], { input: soak.nextSecret() });
  for (const args of READY) await succeed(soak, args);
  soak.database.compare(await soak.rows());
  soak.database.inserted(soak.row, true);
  for (const name of ['base', 'again']) {
    await succeed(soak, ['snapshot', 'save', '-q', name]);
    soak.database.saved(name, true);
  }
  return soak;
}

async function describeProject(
  kind: SoakProject['kind'],
  project: TestProject,
  { limitMs, settleMs }: SoakTimes,
): Promise<SoakProject> {
  const { root } = project;
  const folder = path.dirname(root);
  const [hidden, typed] = ['hidden', 'typed'].map((name) => `soak${name}${randomText()}`) as [string, string];
  const env = {
    ...project.env,
    TMPDIR: path.join(folder, 'tmp'),
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    SOAK_SECRET: hidden,
    EDITOR: path.join(root, 'editor.sh'),
    VISUAL: '',
  };
  await mkdir(env.TMPDIR, { mode: 0o700 });
  let [generation, typedSecrets, row] = [0, 0, 0];
  let digest = '';
  const soak: SoakProject = {
    kind,
    folder,
    root,
    secrets: [hidden, typed],
    begunAt: Date.now(),
    settleMs,
    database: new DatabaseStates({ committed: [], generation: 1, runs: 1 }),
    stored: new Set(),
    get generation() {
      return generation;
    },
    get row() {
      return row;
    },
    get digest() {
      return digest;
    },
    start: (args, place) =>
      startCommand(args, { cwd: root, limitMs, ...place, env: { ...env, ...place?.env } }),
    devenv: (args, place) => soak.start(args, place).ended,
    nextSecret() {
      typedSecrets += 1;
      const secret = `${typed}${typedSecrets}`;
      soak.stored.add(secret);
      return secret;
    },
    async nextGeneration() {
      generation += 1;
      await writeFile(path.join(root, 'seed', 'variables.yaml'), seedFile(generation));
      return generation;
    },
    async rows() {
      row += 1;
      const args = ['python', 'look.py', String(row)];
      const ended = await soak.devenv(args);
      const line = ended.stdout.split('\n').find((each) => each.startsWith('SOAK'));
      const seen = line === undefined ? undefined : (JSON.parse(line.slice('SOAK'.length)) as SeenRows);
      if (seen === undefined || ended.code !== 0) {
        soak.database.inserted(row, false);
        throw new Error(describeEnd(args, ended));
      }
      digest ||= seen.digest;
      return seen;
    },
    processes: () => ownProcesses(folder, path.join(root, '.devenv')),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
  return soak;
}

async function succeed(
  soak: SoakProject,
  args: readonly string[],
  place?: Partial<CommandPlace>,
): Promise<void> {
  const ended = await soak.devenv(args, place);
  if (ended.code !== 0) throw new Error(describeEnd(args, ended));
}

function randomText(): string {
  return Math.random().toString(36).slice(2);
}
