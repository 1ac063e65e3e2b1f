import type { RunState, SparkRun } from './runRecords.ts';

/** As YARN calls the states of applications, and how they ended. */
export function yarnState({ state }: Pick<SparkRun, 'state'>): {
  readonly state: string;
  readonly final: string;
} {
  return STATES[state];
}

const STATES: Readonly<Record<RunState, { readonly state: string; readonly final: string }>> = {
  preparing: { state: 'ACCEPTED', final: 'UNDEFINED' },
  running: { state: 'RUNNING', final: 'UNDEFINED' },
  succeeded: { state: 'FINISHED', final: 'SUCCEEDED' },
  failed: { state: 'FINISHED', final: 'FAILED' },
  killed: { state: 'KILLED', final: 'KILLED' },
};
