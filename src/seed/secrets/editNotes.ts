const MARK = '# !! ';

/** The text with lines on top for the person, such as what is wrong with it. */
export function withEditNotes(text: string, notes: readonly string[]): string {
  const lines = notes.flatMap((note) => note.split('\n')).map((line) => `${MARK}${line}\n`);
  return lines.join('') + text;
}

/** What the person has made of the text, without those lines. */
export function withoutEditNotes(text: string): string {
  let rest = text;
  while (rest.startsWith(MARK)) {
    const end = rest.indexOf('\n');
    rest = end < 0 ? '' : rest.slice(end + 1);
  }
  return rest;
}
