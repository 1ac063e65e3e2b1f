import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { visibleText } from './visibleText.ts';

/**
 * Passes the lines that a person types to a debugger, and shows what it prints, until either side ends. Ctrl+D ends
 * the debugger's input; Ctrl+C stays the signal that stops the run.
 *
 * @param conversation both ways UTF-8.
 */
export async function debugOnTerminal(
  streams: { readonly stdin: NodeJS.ReadStream; readonly stderr: NodeJS.WriteStream },
  conversation: Duplex,
): Promise<void> {
  const reader = createInterface({ input: streams.stdin, terminal: false });
  reader.on('line', (line) => conversation.write(`${line}\n`));
  reader.once('close', () => conversation.end());
  conversation.setEncoding('utf8');
  try {
    for await (const text of conversation) streams.stderr.write(visibleText(String(text)));
  } finally {
    reader.close();
    streams.stdin.pause();
  }
}
