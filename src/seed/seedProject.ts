import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { listSnapshots } from '../database/snapshots/snapshotFolders.ts';
import type { RunnerSpec } from '../dagruns/runner.ts';
import type { DevenvError } from '../errors.ts';
import { applySeed, type AppliedItem } from './applySeed.ts';
import { desiredItems } from './desiredItem.ts';
import { SEED_REPORT_VERSION, type SeedItemError, type SeedItemReport, type SeedMode } from './events.ts';
import type { SeedReport } from './events.ts';
import { mergeItems } from './mergeItems.ts';
import { resolveItems } from './resolveItems.ts';
import { projectResolver, type Resolver } from './resolver.ts';
import type { DesiredItem, RawItem, SeedKind } from './seedItem.ts';
import { hasSeededOthers, readMemory, readSecretFields, writeMemory, written } from './seedMemory.ts';
import type { SeedMemory } from './seedMemory.ts';
import { remembered, withSecretFields } from './rememberSeed.ts';
import { failure, type SeedProblem } from './seedProblem.ts';
import { readSources, type SeedSources } from './seedSources.ts';
import { isAsSeeded, ROWS_DIGEST, wantedHash } from './seedState.ts';
import { shadowingVariable } from './shadowing.ts';

export interface SeedOptions {
  readonly mode: SeedMode;
  /** Delete what was seeded earlier and is no longer in the files. */
  readonly prune: boolean;
  /** Apply everything or, if anything is wrong, nothing. */
  readonly atomic: boolean;
  /** What is not there yet, and what the files have changed since it was stored; other differences stay. */
  readonly onlyMissing?: boolean;
}

/**
 * Brings the database of a project to what its seed files say. Items with mistakes are in the report; the others
 * are applied.
 *
 * The database must run: `ensureProjectDatabase`.
 *
 * @throws DevenvError `seed_database_failed` when nothing could be applied.
 */
export async function seedProject(
  context: Context,
  project: Project,
  spec: RunnerSpec,
  options: SeedOptions,
): Promise<SeedReport> {
  const begun = context.now();
  const secrets = new Set<string>();
  const resolver = projectResolver(context, project, (text) => secrets.add(text));
  const sources = await readSources(project, resolver);
  const { items, problems } = await desiredState(resolver, sources);
  const memory = await readMemory(spec.stateDirectory, spec.database.name);
  const gone = sources.isComplete ? noLongerThere(memory, sources.items) : [];
  const isRefused = options.atomic && problems.length > 0;
  const applied = isRefused
    ? []
    : await bringAbout(context, project, spec, { options, items, gone, secrets: [...secrets], memory });
  const places = new Map(items.map((item) => [keyOf(item), item]));
  const reports = [
    ...problems.map(problemReport),
    ...(isRefused ? items.map(skippedReport) : applied.map((each) => appliedReport(each, places, spec))),
  ];
  return {
    v: SEED_REPORT_VERSION,
    event: 'seed',
    mode: options.mode,
    ok: reports.every(({ action }) => action !== 'failed'),
    changed: reports.some(({ action }) => CHANGES.has(action)),
    files: sources.files,
    ...(sources.passedOver.length === 0 ? {} : { passed_over: sources.passedOver }),
    items: reports,
    duration_ms: Math.round(context.now() - begun),
  };
}

const CHANGES = new Set(['created', 'updated', 'removed', 'left']);

/** What the database should have, and what is wrong with the rest. */
async function desiredState(
  resolver: Resolver,
  sources: SeedSources,
): Promise<{ items: readonly DesiredItem[]; problems: readonly SeedProblem[] }> {
  const resolved = await resolveItems(resolver, mergeItems(sources.items));
  const { desired, problems } = desiredItems(resolved.items);
  return { items: desired, problems: [...sources.problems, ...resolved.problems, ...problems] };
}

/** What has a mistake is still in the files. */
function noLongerThere(
  memory: SeedMemory,
  items: readonly RawItem[],
): { readonly kind: SeedKind; readonly name: string }[] {
  const present = new Set(items.map(keyOf));
  return (['variable', 'connection', 'pool'] as const).flatMap((kind) =>
    [...memory[kind].keys()].map((name) => ({ kind, name })).filter((each) => !present.has(keyOf(each))),
  );
}

interface Work {
  readonly options: SeedOptions;
  readonly items: readonly DesiredItem[];
  readonly gone: readonly { readonly kind: SeedKind; readonly name: string }[];
  readonly secrets: readonly string[];
  readonly memory: SeedMemory;
}

/** Has it done, unless all is as an earlier seed has left it. */
async function bringAbout(
  context: Context,
  project: Project,
  spec: RunnerSpec,
  { options, items, gone, secrets, memory }: Work,
): Promise<readonly AppliedItem[]> {
  const wanted = wantedHash(spec, items, secrets);
  if (gone.length === 0 && (await isAsSeeded(spec, memory, wanted))) {
    return items.map(({ kind, name }) => ({ kind, name, action: 'unchanged' }));
  }
  const { stateDirectory, database } = spec;
  const [secretFields, snapshots, hasOthers] = await Promise.all([
    readSecretFields(stateDirectory),
    listSnapshots(stateDirectory),
    hasSeededOthers(stateDirectory, database.name),
  ]);
  const { onlyMissing = false, ...rest } = options;
  const { items: applied, digest } = await applySeed(context, project, spec, {
    ...rest,
    only_missing: onlyMissing,
    items,
    gone,
    secrets,
    remembered: written(memory),
    secret_fields: written(secretFields),
    ...(snapshots[0] === undefined ? {} : { oldest_snapshot: snapshots[0].createdAt }),
    has_other_databases: hasOthers,
    ...(database.kind === 'postgres' ? { digest: ROWS_DIGEST } : {}),
  });
  if (options.mode === 'apply') {
    const isWhole = applied.every(({ action }) => !NOT_AS_WANTED.has(action));
    const state = digest !== undefined && isWhole ? { state: { wanted, rows: digest } } : {};
    const next = { ...remembered(memory, applied), ...state };
    await writeMemory(stateDirectory, database.name, next, withSecretFields(secretFields, items));
  }
  return applied;
}

const NOT_AS_WANTED = new Set<string>(['failed', 'left', 'kept']);

function keyOf({ kind, name }: { readonly kind: SeedKind; readonly name: string }): string {
  return `${kind} ${name}`;
}

function problemReport({ item, error }: SeedProblem): SeedItemReport {
  const base = { action: 'failed', error: itemError(error) } as const;
  return item === undefined ? base : { kind: item.kind, name: item.name, ...base };
}

function skippedReport({ kind, name }: DesiredItem): SeedItemReport {
  return { kind, name, action: 'skipped' };
}

function appliedReport(
  { kind, name, action, changes, reason, kept, overwrites }: AppliedItem,
  places: ReadonlyMap<string, DesiredItem>,
  spec: RunnerSpec,
): SeedItemReport {
  const item = places.get(keyOf({ kind, name }));
  const shadow = shadowingVariable(kind, name, spec.airflowEnvironment);
  return {
    kind,
    name,
    action,
    ...(changes === undefined ? {} : { changes }),
    ...(kept === undefined ? {} : { kept }),
    ...(overwrites === true ? { overwrites } : {}),
    ...(shadow === undefined ? {} : { shadowed_by: shadow }),
    ...(reason === undefined || item === undefined ? {} : { error: itemError(notStored(item, reason)) }),
  };
}

function notStored(item: DesiredItem, reason: string): DevenvError {
  return failure(item.place, {
    code: 'seed_not_stored',
    what: `Airflow did not take the ${item.kind} "${item.name}".`,
    why: reason,
  });
}

function itemError({ code, what, why, next, misuse, location }: DevenvError): SeedItemError {
  return { code, what, ...(why === undefined ? {} : { why }), next, misuse, ...location };
}
