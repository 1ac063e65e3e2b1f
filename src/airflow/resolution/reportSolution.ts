import path from 'node:path';
import type { Context } from '../../context.ts';
import type { EnvironmentPlan } from '../environmentPlan.ts';
import { readRequirements } from '../requirements.ts';
import type { Solution } from './solution.ts';

/** Says once, when an environment is made, where it differs from what the constraints and our wishes say. */
export function reportSolution(
  context: Pick<Context, 'emit'>,
  plan: EnvironmentPlan,
  { moved, leftOut }: Solution,
): void {
  if (moved.length > 0) {
    const asked = new Map(readRequirements(plan.requirements).map((line) => [line.name, line]));
    const words = moved.map(({ name, from, to }) => {
      const line = asked.get(name);
      const place = line === undefined ? '' : ` (${path.basename(line.file)}:${line.line})`;
      return `${name} ${from} -> ${to}${place}`;
    });
    context.emit({
      type: 'message',
      level: 'info',
      text: `Your requirements overrule the constraints of Airflow ${plan.airflowVersion}: ${shortened(words)}`,
    });
  }
  if (leftOut.length === 0) return;
  context.emit({
    type: 'message',
    level: 'warning',
    text: `Left out, because they don't fit what is asked for: ${leftOut.join(', ')}`,
  });
}

const MOST = 12;

function shortened(words: readonly string[]): string {
  const more = words.length - MOST;
  return more > 0 ? `${words.slice(0, MOST).join(', ')} and ${more} more` : words.join(', ');
}
