import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../../context.ts';
import type { CommandResult } from '../../platform/childProcess.ts';
import type { EnvironmentPlan } from '../environmentPlan.ts';
import { constraintsOf } from '../projectLock.ts';
import { installError, isConflict } from '../installError.ts';
import { exactVersion, projectName, readRequirements } from '../requirements.ts';
import { authorFiles } from './authorFiles.ts';
import { refuseFallbacks } from './fallbacks.ts';
import { DRIVERS } from './resolveRelease.ts';
import { uvCompile } from './uvCompile.ts';
import { allowingYanked } from './yankedPins.ts';

export type Pins = ReadonlyMap<string, string>;

/** What is installed for a plan, and where it differs from what was wished for. */
export interface Solution {
  /** Lines of requirements without anything left to resolve. */
  readonly lines: readonly string[];
  /** What the constraints say and the requirements overrule. */
  readonly moved: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  /** Packages of ours that do not fit. */
  readonly leftOut: readonly string[];
}

export interface Solver {
  /** Has uv resolve the author's requirements together with these arguments and lines. */
  readonly compile: (args: readonly string[], lines: readonly string[]) => Promise<CommandResult>;
  /** Of temporary files. */
  readonly folder: string;
}

export interface SolveOptions {
  readonly uv: string;
  /** The interpreter that is resolved for. */
  readonly python: string;
  /** A folder of this user's only, for temporary files. */
  readonly folder: string;
}

/**
 * Resolves the author's requirements within the constraints of the release. Where that can't be, what the author asks
 * for wins, and as little as possible of the rest moves. Then come the packages of ours, which change no version of
 * what was resolved and are left out where they do not fit.
 *
 * @throws DevenvError; see `installError`, and `requirements_fall_back`.
 */
export async function solve(
  context: Context,
  plan: EnvironmentPlan,
  options: SolveOptions,
): Promise<Solution> {
  const constraints = constraintsOf(plan);
  const solver = solverFor(context, plan, options);
  const wished = ofRelease(plan, constraints);
  const together = await solveTogether(wished, solver, constraints);
  const own = together ?? (await solveAuthors(plan, solver, constraints));
  await refuseFallbacks(context, plan, { ...options, solver, constraints, pins: pinsOf(own) });
  const moved = movedPins(constraints, pinsOf(own));
  if (together !== undefined) return { lines: together, leftOut: [], moved };
  return { ...(await addWishes(wished, solver, new Map([...constraints, ...pinsOf(own)]))), moved };
}

/**
 * With the constraints of a whole release everything that our wishes need has its version, so that they can't move
 * anything: one resolution does for both. Undefined where it finds none.
 */
async function solveTogether(
  plan: EnvironmentPlan,
  solver: Solver,
  constraints: Pins,
): Promise<readonly string[] | undefined> {
  if (plan.lock.kind === 'named') return undefined;
  const within = constraintsBesidePins(plan, solver, constraints);
  const result = await solver.compile(['-c', within], [...airflowOf(plan), ...plan.wishes]);
  return result.exitCode === 0 ? linesOf(result.stdout) : undefined;
}

/** A file of the constraints of those packages that the author does not pin. */
function constraintsBesidePins(plan: EnvironmentPlan, { folder }: Solver, constraints: Pins): string {
  const asked = readRequirements(plan.requirements);
  const exact = new Set(asked.filter((line) => exactVersion(line) !== undefined).map(({ name }) => name));
  const file = path.join(folder, 'constraints.txt');
  writeConstraints(file, new Map([...constraints].filter(([name]) => !exact.has(name))));
  return file;
}

function airflowOf({ airflowVersion }: EnvironmentPlan): readonly string[] {
  return [`apache-airflow==${airflowVersion}`];
}

function solverFor(context: Context, plan: EnvironmentPlan, options: SolveOptions): Solver {
  const { uv, python, folder } = options;
  const files = authorFiles(plan.requirements, folder);
  const workingDirectory = plan.requirements[0] === undefined ? folder : path.dirname(plan.requirements[0]);
  const compile: Solver['compile'] = (args, lines) =>
    allowingYanked(lines, (all) =>
      uvCompile(context, {
        uv,
        target: ['--python', python],
        args: [...args, ...files],
        lines: all,
        workingDirectory,
      }),
    );
  return { compile, folder };
}

/** A provider that the constraints of a release do not know came later: production has none. */
function ofRelease(plan: EnvironmentPlan, constraints: Pins): EnvironmentPlan {
  if (plan.lock.kind === 'named') return plan;
  const wishes = plan.wishes.filter((wish) => DRIVERS.includes(wish) || constraints.has(wish));
  return { ...plan, wishes };
}

/** The author's requirements and Airflow alone. */
async function solveAuthors(
  plan: EnvironmentPlan,
  solver: Solver,
  constraints: Pins,
): Promise<readonly string[]> {
  const file = constraintsBesidePins(plan, solver, constraints);
  const within = await solver.compile(['-c', file], airflowOf(plan));
  if (within.exitCode === 0) return linesOf(within.stdout);
  if (!isConflict(within.stderr)) throw installError(plan, within.stderr);
  return preferring(plan, solver, constraints);
}

/** uv keeps to the versions in the file that it is to write, as far as the requirements let it. */
async function preferring(
  plan: EnvironmentPlan,
  solver: Solver,
  constraints: Pins,
): Promise<readonly string[]> {
  const output = path.join(solver.folder, 'preferred.txt');
  writeConstraints(output, constraints);
  const result = await solver.compile(['-o', output], airflowOf(plan));
  if (result.exitCode !== 0) throw installError(plan, result.stderr);
  return linesOf(readFileSync(output, 'utf8'));
}

/** All at once, and only where that fails one after the other. */
async function addWishes(
  plan: EnvironmentPlan,
  solver: Solver,
  pins: Pins,
): Promise<Pick<Solution, 'lines' | 'leftOut'>> {
  const file = path.join(solver.folder, 'pins.txt');
  writeConstraints(file, pins);
  const attempt = async (wishes: readonly string[]) =>
    solver.compile(['-c', file], [...airflowOf(plan), ...wishes]);
  const all = await attempt(plan.wishes);
  if (all.exitCode === 0) return { lines: linesOf(all.stdout), leftOut: [] };
  const taken: string[] = [];
  let best = await attempt([]);
  for (const wish of plan.wishes) {
    const result = await attempt([...taken, wish]);
    if (result.exitCode !== 0) continue;
    taken.push(wish);
    best = result;
  }
  if (best.exitCode !== 0) throw installError(plan, best.stderr);
  return { lines: linesOf(best.stdout), leftOut: plan.wishes.filter((wish) => !taken.includes(wish)) };
}

function movedPins(constraints: Pins, pins: Pins): Solution['moved'] {
  return [...pins].flatMap(([name, to]) => {
    const from = constraints.get(name);
    return from === undefined || from === to ? [] : [{ name, from, to }];
  });
}

function writeConstraints(file: string, pins: Pins): void {
  const lines = [...pins].map(([name, version]) => `${name}==${version}`);
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** Of packages from an index; paths and addresses are left out. */
function pinsOf(lines: readonly string[]): Pins {
  const found = lines.map((line) => /^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;]+)/.exec(line));
  return new Map(found.flatMap((match) => (match ? [[projectName(match[1]!) ?? match[1]!, match[2]!]] : [])));
}
