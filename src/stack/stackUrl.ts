import { hdfsUrlIn } from '../hdfs/configuration/hadoopEnvironment.ts';
import type { PreparedStack } from './stackDrivers.ts';

/** Where a service can be reached by others, as far as it has an address. */
export function serviceUrl(
  service: string,
  stack: Pick<PreparedStack, 'port' | 'spec' | 'access'> | undefined,
): { readonly url?: string } {
  if (stack === undefined) return {};
  if (service === 'api-server') return { url: uiUrlOf(stack) };
  const hdfs = service === 'hdfs' ? hdfsUrlIn(stack.spec.airflowEnvironment) : undefined;
  return hdfs === undefined ? {} : { url: hdfs };
}

/** Of the UI and the API of a stack, for programs: every one of them knows the way to it. */
export function urlOf(stack: { readonly port: () => number }): string {
  return `http://127.0.0.1:${stack.port()}`;
}

/** Of the UI, for browsers; see `uiHost`. */
export function uiUrlOf(stack: Pick<PreparedStack, 'port' | 'access'>): string {
  return `http://${stack.access.host}:${stack.port()}`;
}
