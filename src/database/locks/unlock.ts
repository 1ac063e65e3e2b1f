import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { diagnose } from './diagnose.ts';
import type { Finding } from './finding.ts';
import type { Observation } from './observation.ts';
import { planUnlock, type Consent, type Step, type UnlockPlan } from './planUnlock.ts';

/** What a database is, to the one who frees it. */
export interface Lockable {
  observe(): Promise<Observation>;
  /** Table -> rows; undefined for a table that somebody has locked. */
  countRows(): Promise<Readonly<Record<string, number | undefined>>>;
  /** @returns its name; undefined when that is not possible while others hold the tables. */
  takeSnapshot(): Promise<string | undefined>;
  /** @returns what happened instead, in words. */
  act(step: Step): Promise<string | undefined>;
}

export interface UnlockReport {
  readonly done: readonly { readonly step: Step; readonly remark?: string }[];
  readonly snapshot: string | undefined;
  /** What is still wrong. */
  readonly remaining: readonly Finding[];
  readonly withheld: UnlockPlan['withheld'];
  /** Tables with another number of rows than before; from what was locked before, only what could be read. */
  readonly changedTables: readonly {
    readonly table: string;
    readonly before: number;
    readonly after: number;
  }[];
  /** In all tables that could be counted. */
  readonly rows: number;
  readonly tables: number;
}

/** Ends of what holds others bring to light what they held: so often it is looked again. */
const ROUNDS = 3;
/** So long those that were held up have to go on before we look again. */
const SETTLE_MS = 300;

/**
 * Frees a database as far as there is consent, and looks whether it is free. Before rows change, or a connection is
 * ended, a snapshot is taken; where a lock does not let us read, as soon as that is gone: to end a connection undoes
 * only what it has not committed.
 *
 * @throws what the steps throw.
 */
export async function unlock(
  context: Pick<Context, 'signal' | 'emit'>,
  database: Lockable,
  first: readonly Finding[],
  consent: Consent,
): Promise<UnlockReport> {
  const before: Record<string, number | undefined> = { ...(await database.countRows()) };
  const done: { step: Step; remark?: string }[] = [];
  let findings = first;
  let snapshot: string | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    const undoes = done.some(({ step }) => step.action.kind === 'end-process');
    const { steps } = planUnlock(findings, { ...consent, undoes });
    if (steps.length === 0) break;
    snapshot ??= await database.takeSnapshot();
    for (const step of steps) {
      context.signal.throwIfAborted();
      if (step.changesRows && snapshot === undefined) {
        snapshot = await database.takeSnapshot();
        if (snapshot === undefined) break;
      }
      const remark = await doStep(context, database, step);
      done.push({ step, ...(remark === undefined ? {} : { remark }) });
      await countLate(database, before);
    }
    await sleep(SETTLE_MS);
    findings = diagnose(await database.observe());
  }
  const after = await database.countRows();
  return {
    done,
    snapshot,
    remaining: findings,
    withheld: planUnlock(findings, consent).withheld,
    ...compareRows(before, after),
  };
}

async function doStep(
  context: Pick<Context, 'emit'>,
  database: Lockable,
  step: Step,
): Promise<string | undefined> {
  const event = { type: 'step', id: `unlock.${step.text}`, text: sentence(step.text) } as const;
  context.emit({ ...event, state: 'working' });
  try {
    const remark = await database.act(step);
    context.emit({ ...event, state: 'done', ...(remark === undefined ? {} : { detail: remark }) });
    return remark;
  } catch (error) {
    context.emit({ ...event, state: 'failed' });
    throw error;
  }
}

/** Tables that were locked are counted as soon as they are not, before any row changes. */
async function countLate(database: Lockable, before: Record<string, number | undefined>): Promise<void> {
  const counts = Object.values(before);
  if (counts.length > 0 && counts.every((each) => each !== undefined)) return;
  for (const [table, rows] of Object.entries(await database.countRows())) before[table] ??= rows;
}

function compareRows(
  before: Readonly<Record<string, number | undefined>>,
  after: Readonly<Record<string, number | undefined>>,
): Pick<UnlockReport, 'changedTables' | 'rows' | 'tables'> {
  const counted = Object.entries(before).flatMap(([table, rows]) =>
    rows === undefined ? [] : [{ table, before: rows, after: after[table] ?? 0 }],
  );
  return {
    changedTables: counted.filter((each) => each.before !== each.after),
    rows: counted.reduce((sum, each) => sum + each.before, 0),
    tables: counted.length,
  };
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
