import { describePlan } from '../../src/spark/describePlan.ts';
import { parseSubmitArguments, type SparkProgram } from '../../src/spark/submitArguments.ts';
import { readSubmission, type Submission } from '../../src/spark/submission.ts';
import { planSubmission, type SubmitPlan } from '../../src/spark/submitPlan.ts';
import type { Surroundings } from '../../src/spark/surroundings.ts';

export const GIB = 1024 ** 3;

export const SURROUNDINGS: Surroundings = {
  callerDirectory: '/dags',
  runDirectory: '/run',
  env: { PATH: '/usr/bin' },
  machine: { cores: 4, memoryBytes: 16 * GIB },
  sparkVersion: '3.5.5',
  settings: {},
  warehouseDirectory: '/state/warehouse',
  metastoreDirectory: '/state/metastore',
  defaultPython: '/spark/bin/python',
  programExists: (file) => file === '/usr/bin/python3',
  expand: (pattern) => [pattern.replace('*', 'a'), pattern.replace('*', 'b')],
};

export function submission(
  words: readonly string[],
  options: { defaults?: Record<string, string>; program?: SparkProgram } = {},
): Submission {
  const { defaults = {}, program = 'spark-submit' } = options;
  const files = { properties: undefined, defaults: new Map(Object.entries(defaults)) };
  return readSubmission(parseSubmitArguments(program, words), files);
}

export function plan(words: readonly string[], surroundings: Partial<Surroundings> = {}): SubmitPlan {
  return planSubmission(submission(words), { ...SURROUNDINGS, ...surroundings });
}

export function planText(words: readonly string[], surroundings: Partial<Surroundings> = {}): string {
  return describePlan(plan(words, surroundings)).join('\n');
}
