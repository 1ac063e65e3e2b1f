import { createInterface } from 'node:readline';

export interface LinePromptOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** `interrupt`: Ctrl+C, with which what was typed is gone. `end`: Ctrl+D. */
export type PromptAnswer =
  { readonly kind: 'line'; readonly text: string } | { readonly kind: 'interrupt' | 'end' };

export interface LinePrompt {
  ask(prompt: string): Promise<PromptAnswer>;
  /** Ctrl+C while nothing is asked. */
  onInterrupt(listener: () => void): void;
  close(): void;
}

/** Asks a person for lines, with the keys of a shell: arrows, history, Ctrl+A, … */
export function createLinePrompt(options: LinePromptOptions): LinePrompt {
  const reader = createInterface({ input: options.stdin, output: options.stdout, terminal: true });
  let waiting: ((answer: PromptAnswer) => void) | undefined;
  let interrupted = (): void => {};
  let ended = false;
  // What was pasted while nothing was asked.
  const early: string[] = [];
  const answer = (found: PromptAnswer): void => {
    waiting?.(found);
    waiting = undefined;
  };
  reader.on('line', (text) => {
    if (waiting === undefined) early.push(text);
    else answer({ kind: 'line', text });
  });
  reader.on('SIGINT', () => {
    reader.write(null, { ctrl: true, name: 'e' });
    options.stdout.write('^C\n');
    reader.write(null, { ctrl: true, name: 'u' });
    if (waiting === undefined) interrupted();
    else answer({ kind: 'interrupt' });
  });
  reader.once('close', () => {
    ended = true;
    if (waiting !== undefined) options.stdout.write('\n');
    answer({ kind: 'end' });
  });
  return {
    ask: async (prompt) => {
      const text = early.shift();
      if (text !== undefined) return { kind: 'line', text };
      if (ended) return { kind: 'end' };
      reader.setPrompt(prompt);
      reader.prompt();
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    onInterrupt: (listener) => {
      interrupted = listener;
    },
    close: () => reader.close(),
  };
}
