import type { EmitProgress } from '../events.ts';
import { writeLines, type OutputStream } from './output.ts';
import { createProgressRenderer } from './progressRenderer.ts';
import { canRedraw, createStyle, useColor } from './style.ts';

export interface CommandProgress {
  readonly emit: EmitProgress;
  /** A sentence for a person. */
  note(text: string): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** The steps a command takes before its own work, on stderr: stdout belongs to its result. */
export function createCommandProgress(
  host: { readonly stderr: OutputStream; readonly env: Readonly<Record<string, string | undefined>> },
  options: { readonly quiet?: boolean } = {},
): CommandProgress {
  const { stderr, env } = host;
  if (options.quiet) {
    const emit: EmitProgress = (event) => {
      if (event.type === 'message' && event.code !== undefined) writeLines(stderr, [event.text]);
    };
    return { emit, note: () => {}, close: () => {} };
  }
  const renderer = createProgressRenderer({
    write: (text) => void stderr.write(text),
    interactive: canRedraw(stderr, env),
    columns: () => stderr.columns ?? 80,
    style: createStyle(useColor(stderr, env)),
    now: Date.now,
  });
  return {
    emit: (event) => renderer.progress(event),
    note(text) {
      renderer.hide();
      writeLines(stderr, [text]);
    },
    close: () => renderer.close(),
  };
}
