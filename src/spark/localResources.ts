import type { Submission } from './submission.ts';

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

const MEBIBYTE = 1024 ** 2;
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  m: MEBIBYTE,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
};

/**
 * Threads that do the work of all executors: as many as were asked for, no more than the machine has cores; all of
 * them when nobody asked.
 */
export function localCores(submission: Submission, machine: Machine): number {
  const perExecutor = numberOf(submission, 'spark.executor.cores');
  const executors =
    numberOf(submission, 'spark.executor.instances') ??
    numberOf(submission, 'spark.dynamicAllocation.maxExecutors');
  const asked =
    numberOf(submission, 'spark.cores.max') ??
    (executors === undefined ? undefined : executors * (perExecutor ?? 1));
  return Math.max(1, Math.min(asked ?? machine.cores, machine.cores));
}

/**
 * The heap, as Spark writes it: what was asked for the driver or for one executor, whichever is more, because the driver does the work
 * of both; no more than half of the machine, no less than Spark's 1 GiB.
 */
export function heapMemory(submission: Submission, machine: Machine): string {
  const asked = ['spark.driver.memory', 'spark.executor.memory'].map((key) => {
    const text = settingOf(submission, key);
    return text === undefined ? 0 : (parseMemory(text) ?? 0);
  });
  const wanted = Math.max(1024 * MEBIBYTE, ...asked);
  const most = Math.max(512 * MEBIBYTE, machine.memoryBytes / 2);
  return `${Math.floor(Math.min(wanted, most) / MEBIBYTE)}m`;
}

/** `20g`, `512m`, `1024` (MiB, as Spark reads it) in bytes; `undefined` for anything else. */
function parseMemory(text: string): number | undefined {
  const match = /^\s*(\d+)\s*([bkmgtp]?)b?\s*$/i.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (UNITS[match[2]?.toLowerCase() || 'm'] ?? MEBIBYTE);
}

/** Of a job or of `spark-defaults.conf`. */
export function settingOf({ settings, defaults }: Submission, key: string): string | undefined {
  return settings.get(key) ?? defaults.get(key);
}

function numberOf(submission: Submission, key: string): number | undefined {
  const value = Number(settingOf(submission, key) ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
