import { createInterface } from 'node:readline';

export interface LinePromptOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Older lines first. */
  readonly history: readonly string[];
}

export interface LinePrompt {
  /** Gives one line; `undefined` at the end of the input. */
  ask(prompt: string): Promise<string | undefined>;
  /** Ctrl+C: `typed` is what stood on the line. */
  onInterrupt(listener: (typed: string) => void): void;
  close(): void;
}

/** Asks a person for lines, with the keys of a shell: arrows, history, Ctrl+A, … */
export function createLinePrompt(options: LinePromptOptions): LinePrompt {
  const reader = createInterface({
    input: options.stdin,
    output: options.stdout,
    terminal: true,
    history: options.history.toReversed(),
    removeHistoryDuplicates: true,
  });
  const ended = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)));
  return {
    ask: async (prompt) =>
      Promise.race([ended, new Promise<string>((resolve) => reader.question(prompt, resolve))]),
    onInterrupt: (listener) => {
      reader.on('SIGINT', () => {
        const typed = reader.line;
        reader.write(null, { ctrl: true, name: 'u' });
        listener(typed);
      });
    },
    close: () => reader.close(),
  };
}
