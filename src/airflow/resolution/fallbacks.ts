import path from 'node:path';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import type { EnvironmentPlan } from '../environmentPlan.ts';
import { uvExplanation } from '../installError.ts';
import { exactVersion, readRequirements, type RequirementLine } from '../requirements.ts';
import { indexOptionsFile } from './authorFiles.ts';
import type { Pins, Solver } from './solution.ts';
import { uploadTimes } from './uploadTimes.ts';
import { uvCompile } from './uvCompile.ts';

const TWO_YEARS_MS = 2 * 365 * 24 * 60 * 60 * 1000;

export interface FallbackRequest {
  readonly uv: string;
  readonly python: string;
  readonly solver: Solver;
  readonly constraints: Pins;
  readonly pins: Pins;
}

/**
 * A resolver that finds no other way goes back to releases of years ago, which say nothing about the versions that
 * they can't work with. Such an answer is a conflict in disguise: for a package that the author names without a bound
 * above, and for every provider, a release more than two years older than Airflow's is refused where there are newer.
 *
 * @throws DevenvError `requirements_fall_back`.
 */
export async function refuseFallbacks(
  context: Context,
  plan: EnvironmentPlan,
  request: FallbackRequest,
): Promise<void> {
  const suspects = suspectPins(plan, request);
  if (suspects.size === 0) return;
  const { uv, python, solver } = request;
  const indexes = indexOptionsFile(plan.requirements, solver.folder);
  const target = {
    uv,
    target: ['--python', python, ...(indexes === undefined ? [] : [indexes])],
    workingDirectory: solver.folder,
  };
  const airflow = `apache-airflow==${plan.airflowVersion}`;
  const pins = [airflow, ...[...suspects].map(([name, version]) => `${name}==${version}`)];
  const times = await uploadTimes(context, target, pins);
  const released = times.get('apache-airflow');
  if (released === undefined) return;
  for (const [name, version] of suspects) {
    const time = times.get(name);
    if (time === undefined || time > released - TWO_YEARS_MS) continue;
    const newer = `${name}>${version}`;
    const there = await uvCompile(context, { ...target, args: ['--no-deps'], lines: [newer] });
    if (there.exitCode !== 0) continue;
    const within = ['-c', path.join(solver.folder, 'constraints.txt')];
    const { exitCode, stderr } = await solver.compile(within, [airflow, newer]);
    throw fallsBack(plan, { name, version, time }, exitCode === 0 ? '' : uvExplanation(stderr));
  }
}

/** Names whose version was left to the resolver, and which are not what the constraints say. */
function suspectPins(plan: EnvironmentPlan, { constraints, pins }: FallbackRequest): Pins {
  const asked = readRequirements(plan.requirements).filter(({ isConstraint }) => !isConstraint);
  const bounded = new Set(asked.filter(isBounded).map(({ name }) => name));
  const named = new Set(asked.map(({ name }) => name));
  return new Map(
    [...pins].filter(
      ([name, version]) =>
        constraints.get(name) !== version &&
        !bounded.has(name) &&
        (named.has(name) || name.startsWith('apache-airflow-providers-')),
    ),
  );
}

function isBounded(line: RequirementLine): boolean {
  return exactVersion(line) !== undefined || /[<~]=?|==/.test(line.text.replace(/;.*$/, ''));
}

interface Fallback {
  readonly name: string;
  readonly version: string;
  readonly time: number;
}

function fallsBack(plan: EnvironmentPlan, { name, version, time }: Fallback, why: string): DevenvError {
  const line = readRequirements(plan.requirements).find((each) => each.name === name);
  const day = new Date(time).toISOString().slice(0, 10);
  return new DevenvError({
    code: 'requirements_fall_back',
    what: `Of ${name} only version ${version} of ${day} fits the requirements: more than two years older than Airflow ${plan.airflowVersion}.`,
    ...(why === '' ? {} : { why }),
    ...(line === undefined ? {} : { location: { file: line.file, line: line.line } }),
    next: [
      'Loosen the requirement that keeps it from a newer version; uv names it above',
      `Or, if production has it, ask for it: ${name}==${version}`,
    ],
    misuse: true,
  });
}
