const MOST = 80;

/** A command line of others in a message: no passwords of addresses, nothing that moves the cursor, not too long. */
export function shownCommand(command: string): string {
  const text = command
    .replaceAll(/:\/\/[^\s/@]*@/g, '://…@')
    .replaceAll(/(pass(?:word|wd)?|token|secret|key)=\S+/gi, '$1=…')
    // oxlint-disable-next-line no-control-regex -- they are what is taken out
    .replaceAll(/[\s\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]+/g, ' ')
    .trim();
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}
