export interface SplitText {
  /** Whole statements, without the semicolon at the end. */
  readonly statements: readonly string[];
  /** What stands behind the last semicolon: the begin of a statement, or blanks and comments. */
  readonly rest: string;
}

/** Quotes, dollar quotes and comments, in which a semicolon ends nothing; what is left open runs to the end. */
const OPAQUE = [
  /--[^\n]*/y,
  /(?<!\w)[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/y,
  /'(?:[^']|'')*(?:'|$)/y,
  /"(?:[^"]|"")*(?:"|$)/y,
  // `a$b$c` is a name.
  /(?<![\w$])\$([A-Za-z_\u0080-\uFFFF]\w*)?\$[\s\S]*?(?:\$\1\$|$(?![\s\S]))/y,
];

/** Splits SQL at the semicolons that end statements, as psql does. */
export function splitStatements(text: string): SplitText {
  const statements: string[] = [];
  let start = 0;
  let index = 0;
  while (index < text.length) {
    const next = endOfOpaque(text, index);
    if (next > index) {
      index = next;
      continue;
    }
    if (text[index] === ';') {
      const statement = text.slice(start, index).trim();
      if (!isBlank(statement)) statements.push(statement);
      start = index + 1;
    }
    index += 1;
  }
  return { statements, rest: text.slice(start) };
}

/** Nothing that could be run: blanks and comments. */
export function isBlank(text: string): boolean {
  let index = 0;
  while (index < text.length) {
    if (/\s/.test(text[index] ?? '')) index += 1;
    else if (text.startsWith('--', index) || text.startsWith('/*', index)) index = endOfOpaque(text, index);
    else return false;
  }
  return true;
}

function endOfOpaque(text: string, index: number): number {
  if (text.startsWith('/*', index)) return endOfComment(text, index);
  for (const pattern of OPAQUE) {
    pattern.lastIndex = index;
    const found = pattern.exec(text);
    if (found !== null) return index + found[0].length;
  }
  return index;
}

/** Comments of this kind stand in one another. */
function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const two = text.slice(index, index + 2);
    if (two !== '/*' && two !== '*/') continue;
    depth += two === '/*' ? 1 : -1;
    index += 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}
