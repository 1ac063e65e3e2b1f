import { readLog } from './findRun.ts';
import { killRun } from './killRun.ts';
import { listRuns, type SparkRun } from './runRecords.ts';
import { yarnState } from './yarnState.ts';

export interface YarnAnswer {
  readonly lines: readonly string[];
  /** For people and logs, not for programs that read the answer. */
  readonly remarks?: readonly string[];
  readonly exitCode: number;
}

interface Surroundings {
  readonly stateDirectory: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Answers what tools ask of YARN's command line, for the jobs of this project: `yarn application -list`, `-status ID`,
 * `-kill ID` (Airflow's hook kills jobs with it), `yarn logs -applicationId ID`, `yarn version`.
 */
export async function answerYarn(surroundings: Surroundings, words: readonly string[]): Promise<YarnAnswer> {
  const [command = '', ...rest] = words;
  if (command === 'version') return { lines: ['devenv: there is no YARN here'], exitCode: 0 };
  if (command === 'logs') return logs(surroundings, valueOf(rest, '-applicationId') ?? '');
  if (command !== 'application' && command !== 'app') return unknown(words);
  const victim = valueOf(rest, '-kill');
  if (victim !== undefined) return kill(surroundings, victim);
  const status = valueOf(rest, '-status');
  if (status !== undefined) return statusOf(surroundings, status);
  return rest.includes('-list') ? list(surroundings, rest) : unknown(words);
}

async function list({ stateDirectory }: Surroundings, words: readonly string[]): Promise<YarnAnswer> {
  const states = (valueOf(words, '-appStates') ?? 'SUBMITTED,ACCEPTED,RUNNING').toUpperCase().split(',');
  const runs = (await listRuns(stateDirectory)).filter(
    (each) => states.includes('ALL') || states.includes(yarnState(each).state),
  );
  const rows = runs.map((each) => {
    const { state, final } = yarnState(each);
    return [each.id, each.name, 'SPARK', 'devenv', 'default', state, final].join('\t');
  });
  const head = 'Application-Id\tApplication-Name\tApplication-Type\tUser\tQueue\tState\tFinal-State';
  return { lines: [`Total number of applications:${runs.length}`, head, ...rows], exitCode: 0 };
}

async function statusOf({ stateDirectory }: Surroundings, id: string): Promise<YarnAnswer> {
  const run = await find(stateDirectory, id);
  if (run === undefined) return notFound(id);
  const { state, final } = yarnState(run);
  const fields = {
    'Application-Id': run.id,
    'Application-Name': run.name,
    'Application-Type': 'SPARK',
    'Start-Time': String(run.startedAt),
    'Finish-Time': String(run.endedAt ?? 0),
    'State': state,
    'Final-State': final,
  };
  const lines = Object.entries(fields).map(([name, value]) => `\t${name} : ${value}`);
  return { lines: ['Application Report : ', ...lines], exitCode: 0 };
}

async function kill({ stateDirectory, platform }: Surroundings, id: string): Promise<YarnAnswer> {
  const run = await find(stateDirectory, id);
  if (run === undefined) return notFound(id);
  const killed = await killRun(run, platform);
  return {
    lines: [killed ? `Killed application ${id}` : `Application ${id} has already finished`],
    exitCode: 0,
  };
}

async function logs({ stateDirectory }: Surroundings, id: string): Promise<YarnAnswer> {
  const run = await find(stateDirectory, id);
  if (run === undefined) return notFound(id);
  const log = await readLog(stateDirectory, run.id);
  return { lines: [`Container: driver of ${id}`, ...log.trimEnd().split('\n')], exitCode: 0 };
}

async function find(stateDirectory: string, id: string): Promise<SparkRun | undefined> {
  return (await listRuns(stateDirectory)).find((each) => each.id === id);
}

function valueOf(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at === -1 ? undefined : words[at + 1];
}

function notFound(id: string): YarnAnswer {
  return {
    lines: [],
    remarks: [`Application with id '${id}' doesn't exist among the jobs of this project: devenv spark list`],
    exitCode: 255,
  };
}

function unknown(words: readonly string[]): YarnAnswer {
  const what = `There is no YARN here: devenv answers application -list, -status, -kill, and logs, not "${words.join(' ')}"`;
  return { lines: [], remarks: [what], exitCode: 255 };
}
