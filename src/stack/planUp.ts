import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { connectToSupervisor } from './connection.ts';
import type { ServiceStatus } from './events.ts';
import { findLeftovers } from './leftovers.ts';
import { describePlan, planStart } from './plan.ts';
import { stackDefinitions } from './stackDefinitions.ts';

/**
 * What `devenv up` would do, as lines. Changes nothing.
 *
 * @throws DevenvError `service_unknown` (misuse).
 */
export async function planUp(
  context: Context,
  project: Project,
  options: { readonly services: readonly string[]; readonly forks: boolean },
): Promise<readonly string[]> {
  const runtime = await runtimeDirectory(context, project.root);
  const connection = await connectToSupervisor(runtime);
  const services: Record<string, ServiceStatus> = {};
  if (connection !== undefined) {
    for await (const event of connection.request({ kind: 'status' }, context.signal)) {
      if (event.event !== 'stack') continue;
      for (const each of event.stack.services) services[each.name] = each.status;
    }
  }
  const leftovers =
    connection === undefined ? await findLeftovers(context, project, path.basename(runtime)) : [];
  const definitions = stackDefinitions(project, options.forks);
  return describePlan(planStart(definitions, options.services, { services, leftovers }));
}
