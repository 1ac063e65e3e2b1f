import { Command, Option } from 'commander';
import { diagnose } from '../database/locks/diagnose.ts';
import { namedHolders, type NamedHolders } from '../database/locks/namedHolders.ts';
import { DevenvError } from '../errors.ts';
import type { Finding } from '../database/locks/finding.ts';
import { foreignName, planUnlock, type Consent, type UnlockPlan } from '../database/locks/planUnlock.ts';
import { unlock, type UnlockReport } from '../database/locks/unlock.ts';
import { canAsk, confirm } from '../ui/confirm.ts';
import { freedReport, lockReport } from '../ui/lockReport.ts';
import { writeLines } from '../ui/output.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { withDatabase, type DatabaseFlags, type DatabaseWork } from './dbTarget.ts';
import type { CommandHost } from './commandHost.ts';
import { lockableDatabase } from './unlockdbTarget.ts';

interface Flags extends DatabaseFlags {
  readonly dryRun?: boolean;
  readonly end?: readonly string[];
}

export function unlockdbCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('unlockdb')
    .summary('say what holds the database, and free it')
    .description(
      'Says what holds the database or keeps Airflow from going on, proposes the least that frees it, asks, takes a ' +
        'snapshot, does it, and looks whether it is free with every row in its place.',
    )
    .option('-n, --dry-run', 'only say what is wrong and what would be done')
    .option('-y, --yes', 'without a question: everything of ours, nothing of others')
    .option(
      '--end <number>',
      'also end this connection (backend), process or prepared transaction of others (repeatable)',
      collect,
    )
    .addOption(new Option('--json', 'one JSON object on stdout; asks nothing'))
    .option('-q, --quiet', 'no steps on stderr')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, command: Command) => {
      finish(await unlockdb(commandHost, command.optsWithGlobals<Flags>()));
    });
}

const HELP = `
Examples:
  devenv unlockdb
  devenv unlockdb --dry-run --json | jq '.findings[].what'
  devenv unlockdb --yes --end 4711     also a connection that is not ours

Exit codes: 0 nothing is locked, or it was freed (or --dry-run); 1 something is still locked; 2 misuse.
`;

async function unlockdb(commandHost: CommandHost, flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: true, waitsTold: false }, async (parts) => {
    const lockable = await lockableDatabase(parts);
    if (lockable === undefined) return nothingThere(commandHost, parts, flags);
    const observation = await lockable.observe();
    const named = namedHolders(observation, diagnose(observation), flags.end ?? []);
    if (named.unknown.length > 0) throw unknownHolders(named);
    const { findings } = named;
    const given = { ours: flags.yes === true, foreign: named.names };
    const plan = planUnlock(findings, flags.dryRun === true ? { ...given, ours: true } : given);
    const ended = flags.dryRun === true || findings.length === 0;
    if (flags.json !== true)
      tellPlan(commandHost, parts, findings, planUnlock(findings, { ...given, ours: true }));
    if (ended) {
      if (flags.json === true) tellJson(commandHost, parts, findings, plan, undefined);
      return 0;
    }
    const consent = await askConsent(commandHost, flags, findings, given);
    if (planUnlock(findings, consent).steps.length === 0) {
      if (flags.json === true) tellJson(commandHost, parts, findings, plan, undefined);
      else writeLines(commandHost.host.stdout, ['', nothingDone(plan)]);
      return 1;
    }
    const report = await unlock(parts.context, lockable, findings, consent);
    if (flags.json === true) tellJson(commandHost, parts, findings, planUnlock(findings, consent), report);
    else tellFreed(commandHost, parts, report);
    return isFree(report) ? 0 : 1;
  });
}

/** What waits for the next scheduler is nobody's lock. */
function isFree(report: UnlockReport): boolean {
  return report.remaining.length === 0;
}

function unknownHolders({ unknown, known }: NamedHolders): DevenvError {
  return new DevenvError({
    code: 'unlock_unknown_holder',
    what: `Nothing that holds the database is called ${unknown.join(', ')}.`,
    why: known.length === 0 ? 'Nothing holds it.' : `There are: ${known.slice(0, 10).join(', ')}.`,
    next: ['devenv unlockdb --dry-run shows what holds it, with its numbers'],
    misuse: true,
  });
}

/** One question for what is ours, one for each that is not: those are never part of a yes to everything. */
async function askConsent(
  { host }: CommandHost,
  flags: Flags,
  findings: readonly Finding[],
  given: Consent,
): Promise<Consent> {
  if (flags.json === true || flags.yes === true || !canAsk(host)) return given;
  const { steps, withheld } = planUnlock(findings, { ...given, ours: true });
  const ours = steps.length > 0 && (await confirm(host, 'Take a snapshot and do this?'));
  const foreign = new Set(given.foreign);
  for (const { action, text } of withheld) {
    const name = foreignName(action);
    if (name !== undefined && (await confirm(host, `${text[0]?.toUpperCase()}${text.slice(1)}?`)))
      foreign.add(name);
  }
  return { ours, foreign };
}

function nothingDone(plan: UnlockPlan): string {
  const words = [...new Set(plan.withheld.map((each) => each.needs))];
  return words.length === 0
    ? 'Nothing was done: there is nothing that we could end.'
    : `Nothing was done. To do it: devenv unlockdb ${words.join(' ')}`;
}

function tellPlan(
  { host }: CommandHost,
  { target }: DatabaseWork,
  findings: readonly Finding[],
  plan: UnlockPlan,
): void {
  const style = createStyle(useColor(host.stdout, host.env));
  writeLines(host.stdout, lockReport({ database: target.description.name, findings, ...plan }, style));
}

function tellFreed({ host }: CommandHost, { target }: DatabaseWork, report: UnlockReport): void {
  const style = createStyle(useColor(host.stdout, host.env));
  writeLines(host.stdout, ['', ...freedReport({ database: target.description.name, ...report }, style)]);
}

function tellJson(
  { host }: CommandHost,
  { target }: DatabaseWork,
  findings: readonly Finding[],
  plan: UnlockPlan,
  report: UnlockReport | undefined,
): void {
  const answer = {
    v: 1,
    database: target.description.name,
    locked: report === undefined ? findings.length > 0 : report.remaining.length > 0,
    findings,
    plan: plan.steps.map(({ text, action }) => ({ text, action })),
    withheld: plan.withheld,
    ...(report === undefined
      ? {}
      : {
          done: report.done.map(({ step, remark }) => ({ text: step.text, remark: remark ?? null })),
          snapshot: report.snapshot ?? null,
          remaining: report.remaining,
          changed_tables: report.changedTables,
          rows: report.rows,
        }),
  };
  writeLines(host.stdout, [JSON.stringify(answer)]);
}

function nothingThere({ host }: CommandHost, { target }: DatabaseWork, flags: Flags): number {
  const { name } = target.description;
  const answer = { v: 1, database: name, locked: false, findings: [], plan: [], withheld: [] };
  writeLines(host.stdout, [
    flags.json === true ? JSON.stringify(answer) : `There is no database ${name} yet.`,
  ]);
  return 0;
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
