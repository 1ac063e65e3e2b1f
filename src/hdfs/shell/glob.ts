/** Whether a name needs matching: Hadoop's `GlobPattern` knows `* ? [a-z] [^a] {a,b}` and a backslash. */
export function hasWildcard(name: string): boolean {
  return /[*?[{]/.test(name.replaceAll(/\\./g, ''));
}

/** A name with the backslashes taken away that kept its characters from being wildcards. */
export function literalName(name: string): string {
  return name.replaceAll(/\\(.)/g, '$1');
}

/** What a name has to match; the pattern has no slash in it. */
export function globExpression(pattern: string): RegExp {
  let expression = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at] ?? '';
    if (letter === '\\') {
      at += 1;
      expression += escaped(pattern[at] ?? '\\');
    } else if (letter === '*') expression += '[^/]*';
    else if (letter === '?') expression += '[^/]';
    else if (letter === '{') {
      depth += 1;
      expression += '(?:';
    } else if (letter === '}' && depth > 0) {
      depth -= 1;
      expression += ')';
    } else if (letter === ',' && depth > 0) expression += '|';
    else if (letter === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end === -1) return /^(?!)/;
      const inside = pattern.slice(at + 1, end).replace(/^[!^]/, '^');
      expression += `[${inside.replaceAll('\\', String.raw`\\`).replaceAll('[', String.raw`\[`)}]`;
      at = end;
    } else expression += escaped(letter);
  }
  return new RegExp(`^${expression}${')'.repeat(depth)}$`, 'su');
}

/** `{a/b,c}/d`: alternatives that hold a slash are separate patterns, the outermost first. */
export function splitAlternatives(pattern: string): readonly string[] {
  const open = outerBraceWithSlash(pattern);
  if (open === undefined) return [pattern];
  const { start, end, parts } = open;
  return parts.flatMap((part) =>
    splitAlternatives(`${pattern.slice(0, start)}${part}${pattern.slice(end + 1)}`),
  );
}

function outerBraceWithSlash(
  pattern: string,
): { readonly start: number; readonly end: number; readonly parts: readonly string[] } | undefined {
  let [start, depth, begin] = [0, 0, 0];
  let parts: string[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at];
    if (letter === '\\') at += 1;
    else if (letter === '{') {
      depth += 1;
      if (depth === 1) [start, begin, parts] = [at, at + 1, []];
    } else if (letter === ',' && depth === 1) {
      parts.push(pattern.slice(begin, at));
      begin = at + 1;
    } else if (letter === '}' && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      parts.push(pattern.slice(begin, at));
      if (parts.some((part) => part.includes('/'))) return { start, end: at, parts };
    }
  }
  return undefined;
}

function escaped(letter: string): string {
  return letter.replace(/[\\^$.*+?()[\]{}|/]/u, String.raw`\$&`);
}
