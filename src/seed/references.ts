/** What stands for a value that is kept elsewhere. */
export type Reference =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'exec'; readonly command: string }
  | { readonly kind: 'tool'; readonly tool: SecretTool; readonly target: string };

export type SecretTool = 'op' | 'vault' | 'pass' | 'gcloud' | 'aws' | 'sops';

const PREFIXES = /^(file|exec|vault|pass|gcloud|aws|sops):(.*)$/s;
const LITERAL = 'literal:';

/** A whole text that is one reference; undefined for every other text. `file://…` is a URI, not a reference. */
export function referenceOf(text: string): Reference | undefined {
  if (text.startsWith('op://')) return { kind: 'tool', tool: 'op', target: text };
  const match = PREFIXES.exec(text);
  if (match === null) return undefined;
  const [, prefix = '', rest = ''] = match;
  if (rest.startsWith('//') || rest.trim() === '') return undefined;
  const target = rest.trim();
  if (prefix === 'file') return { kind: 'file', path: target };
  if (prefix === 'exec') return { kind: 'exec', command: target };
  return { kind: 'tool', tool: prefix as SecretTool, target };
}

/** `literal:file:x` means the text `file:x`. */
export function literalText(text: string): string | undefined {
  return text.startsWith(LITERAL) ? text.slice(LITERAL.length) : undefined;
}

export type TemplatePart =
  | string
  | {
      readonly name: string;
      /** `${NAME:-default}` */
      readonly fallback?: string;
      /** `${NAME:?message}` */
      readonly message?: string;
    };

const PLACEHOLDER = /\$\$\{|\$\{([A-Za-z_]\w*)(?::([-?])((?:[^}\\]|\\.)*))?\}/gs;

/** Takes `${NAME}` out of a text. `$${NAME}` stands for itself without the first dollar. */
export function templateParts(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, name, operator, rest = ''] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (name === undefined) {
      parts.push('${');
    } else {
      const words = rest.replaceAll(/\\([}\\])/g, '$1');
      parts.push({
        name,
        ...(operator === '-' ? { fallback: words } : {}),
        ...(operator === '?' ? { message: words } : {}),
      });
    }
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

/**
 * Words of a command line, with the quotes of a shell and nothing else of one.
 *
 * @returns undefined when a quote is not closed.
 */
export function commandWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < line.length; index += 1) {
    const letter = line[index] ?? '';
    if (letter === '\\' && quote !== "'" && index + 1 < line.length) {
      index += 1;
      word = (word ?? '') + line[index];
    } else if (quote !== '') {
      if (letter === quote) quote = '';
      else word = (word ?? '') + letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + letter;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
