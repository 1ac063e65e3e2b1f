import type { Readable } from 'node:stream';
import { writeLines, type OutputStream } from '../output.ts';
import type { Style } from '../style.ts';
import type { LineRing, LogLine } from './logBuffer.ts';

const FLUSH_MILLISECONDS = 100;
/** What a person may have seen before, and wants to copy. */
const BACKFILL_LINES = 200;

/** Keys that come sooner were meant for what ran before. */
const TYPED_AHEAD_MILLISECONDS = 100;

/** The part of a terminal's input that is used here. */
type Keyboard = Readable & { setRawMode?(on: boolean): unknown; ref?(): unknown; unref?(): unknown };

/**
 * Writes log lines one after the other on the normal screen, where the terminal's own selection and scrollback work,
 * until a key is pressed. Nothing is lost and nothing comes twice.
 */
export async function streamLines(
  ring: LineRing,
  withNames: boolean,
  { stdin, stdout }: { readonly stdin: Readable; readonly stdout: OutputStream },
  style: Style,
): Promise<void> {
  let next = Math.max(ring.first, ring.end - BACKFILL_LINES);
  function flush(): void {
    const lines: string[] = [];
    for (next = Math.max(next, ring.first); next < ring.end; next += 1) {
      const line = ring.at(next);
      if (line !== undefined) lines.push(plainLine(line, withNames, style));
    }
    writeLines(stdout, lines);
  }
  writeLines(stdout, [style.dim('Log lines as they come; any key goes back to the dashboard.')]);
  flush();
  const timer = setInterval(flush, FLUSH_MILLISECONDS);
  try {
    await pressedKey(stdin);
  } finally {
    clearInterval(timer);
    flush();
  }
}

/**
 * Resolves when any key was pressed, Ctrl+C as well. What was typed before somebody could be asked does not count.
 * Leaves the keyboard as it was.
 */
export async function pressedKey(stdin: Keyboard): Promise<void> {
  const asked = performance.now();
  stdin.setRawMode?.(true);
  stdin.ref?.();
  await new Promise<void>((resolve) => {
    function read(): void {
      // The first call may come without a key.
      let pressed = false;
      while (stdin.read() !== null) pressed = true;
      if (!pressed || performance.now() - asked < TYPED_AHEAD_MILLISECONDS) return;
      stdin.off('readable', read);
      resolve();
    }
    stdin.on('readable', read);
  });
  stdin.setRawMode?.(false);
  stdin.unref?.();
}

function plainLine({ service, text }: LogLine, withNames: boolean, style: Style): string {
  return withNames ? `${style.gray(`${service} |`)} ${text}`.trimEnd() : text;
}
