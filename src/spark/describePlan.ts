import { isSensitive, REDACTED, redactArguments } from './redaction.ts';
import type { SubmitPlan } from './submitPlan.ts';
import type { Change } from './surroundings.ts';

/** The plan as lines to read: what is brought where, what is run, with which settings, and what was made different. */
export function describePlan(plan: SubmitPlan): string[] {
  const { placements, environment, settings } = plan;
  return [
    `master            ${plan.master}`,
    `working directory ${plan.workingDirectory}`,
    ...placements.map(
      ({ kind, source, target }) => `${kind === 'archive' ? 'unpack' : 'copy'} ${source} to ${target}`,
    ),
    `run spark-submit --properties-file … ${redactArguments(plan.arguments).join(' ')}`.trimEnd(),
    ...Object.entries(environment).map(([name, value]) => `environment ${name}=${shown(name, value)}`),
    ...[...settings.keys()].toSorted().map((key) => `setting ${key}=${shown(key, settings.get(key) ?? '')}`),
    ...plan.changes.map(describeChange),
  ];
}

/** E.g. `spark.yarn.queue=default is left out: there is no YARN here` */
export function describeChange({ setting, from, to, why }: Change): string {
  const before = from === undefined ? setting : `${setting}=${shown(setting, from)}`;
  return to === undefined
    ? `${before} is left out: ${why}`
    : `${before} becomes ${shown(setting, to)}: ${why}`;
}

function shown(name: string, value: string): string {
  return isSensitive(name) ? REDACTED : (redactArguments([value])[0] ?? '');
}
