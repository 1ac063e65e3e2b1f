import { alignRows } from './table.ts';

export interface TrustRow {
  readonly kind: 'run' | 'read' | 'set';
  readonly what: string;
  readonly place: { readonly file: string; readonly line?: number };
}

/** What a repository would do with the rights of the person, and where it says so. */
export function trustReport(root: string, needs: readonly TrustRow[]): string[] {
  const rows = needs.map(({ kind, what, place: { file, line } }) => [
    `  ${kind}`,
    printable(what),
    printable(
      `${file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file}${line === undefined ? '' : `:${line}`}`,
    ),
  ]);
  return [`${printable(root)} would, with your rights:`, ...alignRows(rows)];
}

/** Nothing of a line may hide: a carriage return or a change of direction would show another one. */
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
