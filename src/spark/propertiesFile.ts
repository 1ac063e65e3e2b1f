/**
 * Reads a file of Java properties, which is what `spark-defaults.conf` and `--properties-file` are: `key value`,
 * `key=value` or `key: value`, `#` and `!` for comments, a backslash at the end of a line to go on.
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const { key, value } = splitLine(line);
    if (key !== '') properties.set(unescape(key), unescape(value).trim());
  }
  return properties;
}

/** A file that `parseProperties`, and Java, read the same values from. */
export function formatProperties(properties: ReadonlyMap<string, string>): string {
  return [...properties]
    .map(([key, value]) => `${escape(key, /[\s:=#!]/)}=${escape(value, /^\s/)}\n`)
    .join('');
}

/** Comments and empty lines are gone, continued lines are one. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line: string = open === undefined ? raw.trimStart() : open + raw.trimStart();
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    open = continues ? line.slice(0, -1) : undefined;
    if (!continues) lines.push(line);
  }
  return open === undefined ? lines : [...lines, open];
}

function splitLine(line: string): { key: string; value: string } {
  const match = /^((?:\\.|[^\\:=\s])*)\s*[:=]?\s*(.*)$/s.exec(line);
  return { key: match?.[1] ?? line, value: match?.[2] ?? '' };
}

function unescape(text: string): string {
  return text.replaceAll(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string) =>
    code === undefined ? (CONTROL[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

const CONTROL: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function escape(text: string, special: RegExp): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll(new RegExp(special.source, 'g'), String.raw`\$&`);
}
