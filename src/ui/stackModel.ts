import type { StepEvent } from '../events.ts';
import type { ServiceView, StackEvent, StackView } from '../stack/events.ts';

/** All that a person can be told about the stack so far, without its logs. */
export interface StackModel {
  /** Undefined until the supervisor has said its first word. */
  readonly stack?: StackView;
  /** Work that goes on, by the id of the step, in the order in which it began. */
  readonly steps: ReadonlyMap<string, StepEvent>;
}

export const EMPTY_STACK: StackModel = { steps: new Map() };

/** The state after an event. Pure; gives the very same object when the event changes nothing shown here. */
export function reduceStack(model: StackModel, event: StackEvent): StackModel {
  switch (event.event) {
    case 'stack':
      return { ...model, stack: event.stack };
    case 'service':
      return withService(model, event.service);
    case 'progress':
      return event.progress.type === 'step' ? withStep(model, event.progress) : model;
    default:
      return model;
  }
}

/** One service before and after an event; `before` is undefined for one that was not known. */
export interface ServiceChange {
  readonly before: ServiceView | undefined;
  readonly after: ServiceView;
}

/** The services whose status is another one, in the order of the stack. */
export function statusChanges(before: StackModel, after: StackModel): readonly ServiceChange[] {
  if (before.stack?.services === after.stack?.services) return [];
  const old = new Map(before.stack?.services.map((each) => [each.name, each]));
  return (after.stack?.services ?? [])
    .map((service) => ({ before: old.get(service.name), after: service }))
    .filter((change) => change.before?.status !== change.after.status);
}

function withService(model: StackModel, service: ServiceView): StackModel {
  const { stack } = model;
  if (stack === undefined) return model;
  const known = stack.services.some((each) => each.name === service.name);
  const services = known
    ? stack.services.map((each) => (each.name === service.name ? service : each))
    : [...stack.services, service];
  return { ...model, stack: { ...stack, services } };
}

function withStep(model: StackModel, step: StepEvent): StackModel {
  const steps = new Map(model.steps);
  if (step.state === 'working') steps.set(step.id, step);
  else steps.delete(step.id);
  return { ...model, steps };
}
