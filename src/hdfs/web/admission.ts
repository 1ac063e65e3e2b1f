import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** Why a request is not answered: the status, and words for a person. */
export interface Refusal {
  readonly status: 403 | 421;
  readonly why: string;
}

/**
 * Why a request is none of a client of this HDFS, by its header alone; undefined when it may be one. A page of some
 * web site must not reach into the files: no client sends `Origin`, and a name that its owner lets point to this
 * machine stands in `Host`. An address, as against a name, is nobody else's.
 */
export function foreignHeader(
  { target, header }: RequestHeader,
  names: readonly string[],
): Refusal | undefined {
  const site = header('sec-fetch-site') ?? 'none';
  if (header('origin') !== undefined || !(site === 'none' || site === 'same-origin'))
    return { status: 403, why: 'Requests of web pages are not answered.' };
  for (const authority of [header('host'), authorityIn(target)]) {
    if (authority === undefined || authority === '' || isOwnName(authority, names)) continue;
    return { status: 421, why: `This HDFS is not ${JSON.stringify(authority.slice(0, LONGEST_SHOWN))}.` };
  }
  return undefined;
}

export interface RequestHeader {
  readonly target: string;
  /** By lower-case name. */
  readonly header: (name: string) => string | undefined;
}

const LONGEST_SHOWN = 100;

/** Of a proxy's form: `http://host/path`. */
function authorityIn(target: string): string | undefined {
  return /^https?:\/\/([^/?]*)/i.exec(target)?.[1];
}

/** @param authority as `analytics-hadoop:9870` or `[::1]:9870`. */
function isOwnName(authority: string, names: readonly string[]): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([0-9a-f:.]+)\]|([\w.~-]+))(?::\d+)?$/i.exec(authority) ?? [];
  const name = (bracketed ?? plain).toLowerCase();
  if (bracketed !== undefined) return isIP(name) === 6;
  if (isIP(name) === 4 || name === 'localhost' || name.endsWith(CLUSTER_DOMAIN)) return true;
  return names.some((each) => each.toLowerCase() === name);
}

/** Of names in the project's Kubernetes cluster. No web site can have one: `.local` is never asked of the DNS. */
const CLUSTER_DOMAIN = '.svc.cluster.local';

/** Mark of a second step: whom the first step has sent needs not be looked up again on its next connection. */
export interface Tickets {
  /** For the address of the second step, as `ticket=…`. */
  issue(method: string, encodedPath: string): string;
  isValid(ticket: string | undefined, method: string, encodedPath: string): boolean;
}

export const TICKET_PARAMETER = 'ticket';
const TICKET_MS = 60_000;

export function newTickets(now: () => number = Date.now): Tickets {
  const key = randomBytes(32);
  const sign = (expires: string, method: string, encodedPath: string): string =>
    createHmac('sha256', key).update(`${expires} ${method} ${encodedPath}`).digest('base64url');
  return {
    issue(method, encodedPath) {
      const expires = (now() + TICKET_MS).toString(36);
      return `${expires}.${sign(expires, method, encodedPath)}`;
    },
    isValid(ticket, method, encodedPath) {
      const [expires = '', signature = ''] = ticket?.split('.') ?? [];
      if (!(Number.parseInt(expires, 36) >= now())) return false;
      const [found, right] = [Buffer.from(signature), Buffer.from(sign(expires, method, encodedPath))];
      return found.length === right.length && timingSafeEqual(found, right);
    },
  };
}
