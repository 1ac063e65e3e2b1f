/** The request line and header of an HTTP request. */
export interface RequestHead {
  /** Upper case. */
  readonly method: string;
  /** As it came: one character a byte. */
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** By lower-case name; the last of equal ones. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Longer heads are refused. */
export const LONGEST_HEAD_BYTES = 64 * 1024;

/**
 * Reads a head by RFC 9112. Bytes beyond ASCII in the target stay: Hadoop's Java clients send UTF-8 unencoded,
 * which Node's own parser refuses.
 *
 * @param text the head without its empty last line, as Latin-1.
 * @returns undefined when it is none.
 */
export function readRequestHead(text: string): RequestHead | undefined {
  const lines = text.split('\r\n');
  const line = REQUEST_LINE.exec(lines[0]!);
  if (line === null) return undefined;
  const headers = new Map<string, string>();
  for (const each of lines.slice(1)) {
    const colon = each.indexOf(':');
    const name = each.slice(0, colon).toLowerCase();
    // A space before the colon and folded lines have been used to smuggle requests.
    if (colon < 1 || !FIELD_NAME.test(name)) return undefined;
    const value = each.slice(colon + 1).trim();
    if (name === 'content-length' && headers.has(name) && headers.get(name) !== value) return undefined;
    headers.set(name, value);
  }
  return { method: line[1]!, target: line[2]!, minorVersion: line[3] === '0' ? 0 : 1, headers };
}

const REQUEST_LINE = /^([A-Z]{1,20}) ([^ \0\r\n]+) HTTP\/1\.([01])$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** How the body of a request is delimited. */
export type BodyFraming = { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' };

/** @returns undefined when the head contradicts itself. */
export function bodyFraming(head: RequestHead): BodyFraming | undefined {
  const encoding = head.headers.get('transfer-encoding');
  const length = head.headers.get('content-length');
  if (encoding !== undefined) {
    return encoding.toLowerCase() === 'chunked' && length === undefined ? { kind: 'chunked' } : undefined;
  }
  if (length === undefined) return { kind: 'length', bytes: 0 };
  const bytes = Number(length);
  return /^\d{1,15}$/.test(length) ? { kind: 'length', bytes } : undefined;
}
