/** `134217728`, `128m`: numbers and sizes as Hadoop reads them; undefined for what is none. */
export function hadoopNumber(text: string | undefined): number | undefined {
  const [, digits, letter = ''] = /^\s*(\d{1,15})\s*([kmgt]?)b?\s*$/i.exec(text ?? '') ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * 1024 ** ['', 'k', 'm', 'g', 't'].indexOf(letter.toLowerCase());
}
