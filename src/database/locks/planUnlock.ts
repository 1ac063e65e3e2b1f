import type { Action, Finding } from './finding.ts';

export interface Consent {
  /** Stops and changes what is ours. */
  readonly ours: boolean;
  /** Backends, processes (their numbers) and prepared transactions (their names) of others that may be ended. */
  readonly foreign: ReadonlySet<string>;
  /** What a process that was ended had not finished is undone: that is part of ending it. */
  readonly undoes?: boolean;
}

export interface UnlockPlan {
  /** In this order. */
  readonly steps: readonly Step[];
  /** What would free the rest, and needs somebody's word first. */
  readonly withheld: readonly Withheld[];
}

export interface Step {
  readonly action: Action;
  readonly text: string;
  /** Whether rows change: a snapshot comes before it. What repairs a file keeps the old one itself. */
  readonly changesRows: boolean;
}

export interface Withheld {
  readonly action: Action;
  readonly text: string;
  /** How the person gives the word: `--end 123`, `--yes`. */
  readonly needs: string;
}

/** First what holds others, then rows: most of these free themselves once nothing is in their way. */
const ORDER: readonly Action['kind'][] = [
  'end-leftovers',
  'end-session',
  'end-process',
  'rollback-prepared',
  'settle-file',
  'rebuild-file',
  'retire-jobs',
  'fail-runs',
  'migrate',
  'restart-service',
];

/** The least that frees what was found, as far as somebody agrees to it. Pure. */
export function planUnlock(findings: readonly Finding[], consent: Consent): UnlockPlan {
  const actions = merge(findings.flatMap((each) => each.action ?? []));
  const ordered = actions.toSorted((one, two) => ORDER.indexOf(one.kind) - ORDER.indexOf(two.kind));
  const steps: Step[] = [];
  const withheld: Withheld[] = [];
  for (const action of ordered) {
    const needs = neededWord(action, consent);
    const text = describeAction(action);
    if (needs === undefined) steps.push({ action, text, changesRows: CHANGES_ROWS.has(action.kind) });
    else withheld.push({ action, text, needs });
  }
  return { steps, withheld };
}

const CHANGES_ROWS: ReadonlySet<Action['kind']> = new Set([
  'rollback-prepared',
  'retire-jobs',
  'fail-runs',
  'migrate',
]);

/** Undefined when nobody has to say more. */
function neededWord(action: Action, consent: Consent): string | undefined {
  const name = foreignName(action);
  if (name !== undefined) return consent.foreign.has(name) ? undefined : `--end ${name}`;
  if (consent.foreign.has(actionName(action) ?? '')) return undefined;
  if (action.kind === 'settle-file' && consent.undoes === true) return undefined;
  return consent.ours ? undefined : '--yes';
}

/** What a person calls it by, when it belongs to somebody else. */
export function foreignName(action: Action): string | undefined {
  const isOurs = (action.kind === 'end-session' || action.kind === 'end-process') && action.isOurs;
  return isOurs ? undefined : actionName(action);
}

/** What `--end` takes for it. */
export function actionName(action: Action): string | undefined {
  if (action.kind === 'end-session') return String(action.backend);
  if (action.kind === 'end-process') return String(action.pid);
  return action.kind === 'rollback-prepared' ? action.name : undefined;
}

function describeAction(action: Action): string {
  switch (action.kind) {
    case 'end-leftovers':
      return `end the processes ${action.processes.join(', ')} of the killed stack`;
    case 'end-session':
      return `end the connection of ${action.owner} (backend ${action.backend}): what it has not committed is undone`;
    case 'end-process':
      return `end process ${action.pid} (${action.owner})`;
    case 'restart-service':
      return `restart ${action.service}`;
    case 'rollback-prepared':
      return `roll the prepared transaction "${action.name}" back`;
    case 'retire-jobs':
      return `mark ${action.jobs.length === 1 ? 'job' : 'jobs'} ${action.jobs.join(', ')} as ended`;
    case 'fail-runs':
      return `mark ${action.runs.map(({ dagId, runId }) => `${dagId} ${runId}`).join(', ')} as failed`;
    case 'migrate':
      return 'migrate the tables to what this Airflow wants';
    case 'settle-file':
      return 'undo what was not finished, from the journal';
    case 'rebuild-file':
      return 'copy what can be read to a new file, and keep the old one';
  }
}

/** One step for all jobs, one for all runs, and none twice. */
function merge(actions: readonly Action[]): Action[] {
  const jobs = actions.flatMap((each) => (each.kind === 'retire-jobs' ? each.jobs : []));
  const runs = actions.flatMap((each) => (each.kind === 'fail-runs' ? each.runs : []));
  const others = actions.filter((each) => each.kind !== 'retire-jobs' && each.kind !== 'fail-runs');
  const distinct = new Map(others.map((each) => [JSON.stringify(each), each]));
  return [
    ...distinct.values(),
    ...(jobs.length === 0 ? [] : [{ kind: 'retire-jobs', jobs: [...new Set(jobs)] } as const]),
    ...(runs.length === 0 ? [] : [{ kind: 'fail-runs', runs } as const]),
  ];
}
