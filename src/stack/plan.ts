import { nearestNames } from '../config/nearestNames.ts';
import { DevenvError } from '../errors.ts';
import type { Need, ServiceDefinition } from '../services/service.ts';
import type { ServiceStatus } from './events.ts';

/** A process of an earlier stack that nobody owns any more. */
export interface Leftover {
  readonly pid: number;
  readonly description: string;
}

/** What runs before anything is done. */
export interface Observed {
  /** By name; a service that is not in it has never run. */
  readonly services: Readonly<Record<string, ServiceStatus>>;
  readonly leftovers: readonly Leftover[];
}

export type PlanStep =
  | { readonly action: 'end'; readonly leftover: Leftover }
  | {
      readonly action: 'start';
      readonly service: string;
      readonly needs: readonly Need[];
      readonly description: string;
    }
  | { readonly action: 'keep'; readonly service: string; readonly status: ServiceStatus };

/**
 * What has to be done so that the wanted services run, in an order in which every step finds what it needs. Pure.
 *
 * @param wanted names of services; all of them when empty. What they need comes with them.
 * @throws DevenvError `service_unknown` (misuse).
 */
export function planStart(
  definitions: readonly ServiceDefinition[],
  wanted: readonly string[],
  observed: Observed,
): readonly PlanStep[] {
  const names = withNeeds(definitions, wanted);
  return [
    ...observed.leftovers.map((leftover) => ({ action: 'end', leftover }) as const),
    ...definitions.filter(({ name }) => names.has(name)).map((each) => stepFor(each, observed)),
  ];
}

export function describePlan(steps: readonly PlanStep[]): readonly string[] {
  return steps.map((step) => {
    switch (step.action) {
      case 'end':
        return `end    ${step.leftover.description} (pid ${step.leftover.pid}), left by an earlier stack`;
      case 'keep':
        return `keep   ${step.service} (${step.status})`;
      default:
        return `start  ${step.service}${describeNeeds(step.needs)}: ${step.description}`;
    }
  });
}

/**
 * The named services (all when none is named) and everything they need, directly or not.
 *
 * @throws DevenvError `service_unknown` (misuse).
 */
export function withNeeds(
  definitions: readonly ServiceDefinition[],
  wanted: readonly string[],
): ReadonlySet<string> {
  const byName = new Map(definitions.map((each) => [each.name, each]));
  const found = new Set<string>();
  function add(name: string): void {
    if (found.has(name)) return;
    const definition = byName.get(name);
    if (definition === undefined) throw unknownService(name, [...byName.keys()]);
    found.add(name);
    for (const need of definition.needs) add(need.service);
  }
  for (const name of wanted.length === 0 ? byName.keys() : wanted) add(name);
  return found;
}

/** Those that need the named services, directly or not, in the order in which they have to be stopped. */
export function stopOrder(
  definitions: readonly ServiceDefinition[],
  names: readonly string[],
): readonly string[] {
  const affected = new Set(names);
  for (const each of definitions) {
    if (each.needs.some((need) => affected.has(need.service))) affected.add(each.name);
  }
  return definitions
    .map((each) => each.name)
    .filter((name) => affected.has(name))
    .toReversed();
}

export function unknownService(name: string, known: readonly string[]): DevenvError {
  return new DevenvError({
    code: 'service_unknown',
    what: `The stack has no service "${name}".`,
    next: [
      ...nearestNames(name, known).map((each) => `Did you mean ${each}?`),
      `Its services are: ${known.join(', ')}`,
    ],
    misuse: true,
  });
}

function stepFor(definition: ServiceDefinition, observed: Observed): PlanStep {
  const status = observed.services[definition.name];
  if (status !== undefined && status !== 'stopped' && status !== 'failed') {
    return { action: 'keep', service: definition.name, status };
  }
  const { name, needs, description } = definition;
  return { action: 'start', service: name, needs, description };
}

function describeNeeds(needs: readonly Need[]): string {
  if (needs.length === 0) return '';
  return `, after ${needs.map((need) => `${need.service} ${need.condition}`).join(' and ')}`;
}
