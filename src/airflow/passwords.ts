/** The text with addresses that hold no name and no password: `https://host/simple` for `https://me:secret@host/simple`. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/(\w:\/\/)[^\s/]+@/g, '$1');
}
