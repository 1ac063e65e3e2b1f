/** One part of a symbolic mode, `g+rX`: the bits of all three classes that it speaks of. */
interface SymbolicChange {
  readonly sign: '+' | '-' | '=';
  /** Bits of the classes that are named: 0o700 for `u`. */
  readonly classes: number;
  /** As if for all classes: 0o444 for `r`. */
  readonly permissions: number;
  /** `X`: execution where somebody has it already, and for folders. */
  readonly conditional: boolean;
  readonly sticky: boolean;
}

export type Mode = { readonly octal: number } | readonly SymbolicChange[];

/**
 * A mode as Hadoop's `chmod` takes it: three octal digits, four of which the first is the sticky bit, or `u+rwx,o-w`.
 * `undefined` for anything else.
 */
export function parseMode(text: string): Mode | undefined {
  const [, sticky, digits] = /^\s*([01]?)([0-7]{3})\s*$/.exec(text) ?? [];
  if (digits !== undefined) {
    return { octal: Number.parseInt(`${sticky}${digits}`, 8) };
  }
  const changes: SymbolicChange[] = [];
  for (const part of text.trim().split(',')) {
    const [, who = '', sign, what] = /^([ugoa]*)([-+=])([rwxXt]*)$/.exec(part.trim()) ?? [];
    if (sign === undefined || what === undefined || (what === '' && sign !== '=')) return undefined;
    changes.push({
      sign: sign as SymbolicChange['sign'],
      classes: classBits(who),
      permissions: [...what].reduce((bits, letter) => bits | (PERMISSION_BITS[letter] ?? 0), 0),
      conditional: what.includes('X'),
      sticky: what.includes('t'),
    });
  }
  return changes;
}

/** The permission bits after the change. */
export function changedMode(mode: Mode, before: number, isFolder: boolean): number {
  if ('octal' in mode) return mode.octal;
  return mode.reduce((bits, change) => apply(change, bits, isFolder), before);
}

function apply(change: SymbolicChange, before: number, isFolder: boolean): number {
  const execution = change.conditional && (isFolder || (before & 0o111) !== 0) ? 0o111 : 0;
  const bits = (change.permissions | execution) & change.classes;
  const sticky = change.sticky ? 0o1000 : 0;
  if (change.sign === '+') return before | bits | sticky;
  if (change.sign === '-') return before & ~(bits | sticky);
  return (before & ~change.classes) | bits | sticky;
}

function classBits(who: string): number {
  if (who === '' || who.includes('a')) return 0o777;
  return [...who].reduce((bits, letter) => bits | (CLASS_BITS[letter] ?? 0), 0);
}

const CLASS_BITS: Readonly<Record<string, number>> = { u: 0o700, g: 0o070, o: 0o007 };
const PERMISSION_BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111 };
