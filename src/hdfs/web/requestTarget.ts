/** What a request names. */
export interface RequestTarget {
  /** Absolute HDFS path. */
  readonly path: string;
  /** By lower-case name: HDFS does not look at their case. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  /** Path and query as they came, ready for a Location header: bytes beyond ASCII percent-encoded. */
  readonly encodedPath: string;
  readonly encodedQuery: string;
}

const PREFIX = '/webhdfs/v1';

/**
 * Reads the target of a request. In the path a plus is a plus, in values it is a space, as real HDFS has it; both
 * are UTF-8, percent-encoded or not.
 *
 * @param target one character a byte.
 * @returns undefined when it is not WebHDFS'.
 */
export function readRequestTarget(target: string): RequestTarget | undefined {
  // A proxy's form: http://host/path
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = local.indexOf('?');
  const rawPath = mark === -1 ? local : local.slice(0, mark);
  const rawQuery = mark === -1 ? '' : local.slice(mark + 1);
  if (!rawPath.startsWith(PREFIX)) return undefined;
  const below = rawPath.slice(PREFIX.length);
  if (below !== '' && !below.startsWith('/')) return undefined;
  return {
    path: below === '' ? '/' : decode(below),
    parameters: readParameters(rawQuery),
    encodedPath: encodeRaw(rawPath),
    encodedQuery: encodeRaw(rawQuery),
  };
}

function readParameters(query: string): ReadonlyMap<string, readonly string[]> {
  const parameters = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals)).toLowerCase();
    const value = equals === -1 ? '' : decode(part.slice(equals + 1).replaceAll('+', ' '));
    const values = parameters.get(name);
    if (values === undefined) parameters.set(name, [value]);
    else values.push(value);
  }
  return parameters;
}

/** Percent-decoding to bytes, which are UTF-8. What is no valid escape stays as it is. */
function decode(text: string): string {
  if (PLAIN.test(text)) return text;
  const bytes = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** All of ASCII but the percent sign. */
const PLAIN = /^[\0-$&-\x7f]*$/;

function encodeRaw(text: string): string {
  return text.replaceAll(
    /[^!-~]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
