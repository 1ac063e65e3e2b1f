import { Box, render, Text, useApp, useInput, usePaste } from 'ink';
import { createElement, memo } from 'react';
import type { Readable } from 'node:stream';
import type { OutputStream } from '../output.ts';
import { keyNames } from './keyNames.ts';
import type { Size } from './model.ts';
import { terminalText } from '../visibleText.ts';

export interface ScreenOptions {
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly onKey: (key: string) => void;
  readonly onPaste: (text: string) => void;
  readonly onResize: (size: Size) => void;
}

/** The alternate screen of the terminal, as lines. */
export interface Screen {
  draw(lines: readonly string[]): void;
  /** Gives the normal screen and the keyboard to somebody else for a while. */
  suspend(work: () => Promise<void>): Promise<void>;
  /** Gives the terminal back as it was. */
  close(): Promise<void>;
  /** Rejects when drawing has failed; the terminal is restored then. */
  readonly broken: Promise<never>;
}

export type OpenScreen = (options: ScreenOptions) => Screen;

/** Import this file lazily: ink and React take 100 ms and more to load. */
export function openInkScreen(options: ScreenOptions): Screen {
  const { stdout } = options;
  let suspendTerminal: ReturnType<typeof useApp>['suspendTerminal'] | undefined;

  function Dashboard({ lines }: { readonly lines: readonly string[] }) {
    ({ suspendTerminal } = useApp());
    useInput((input, key) => keyNames(input, key).forEach(options.onKey));
    usePaste(options.onPaste);
    const rows = lines.map((text, index) => createElement(Row, { key: index, text }));
    return createElement(Box, { flexDirection: 'column' }, rows);
  }
  const element = (lines: readonly string[]) => createElement(Dashboard, { lines });
  function resized(): void {
    // What of the last frame is left on the screen, and where, is up to the terminal.
    instance.clear();
    options.onResize({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  }
  // Before ink's own listener, so that ink draws what fits the new size.
  stdout.on?.('resize', resized);
  const instance = render(element([]), {
    stdin: options.stdin as NodeJS.ReadStream,
    stdout: stdout as NodeJS.WriteStream,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    // Signals and other output are dealt with elsewhere.
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const ended = instance.waitUntilExit();

  return {
    draw: (lines) => instance.rerender(element(lines)),
    async suspend(work) {
      if (suspendTerminal === undefined) return;
      await suspendTerminal(work);
    },
    async close() {
      stdout.off?.('resize', resized);
      instance.unmount();
      await ended.catch(() => undefined);
    },
    broken: new Promise((_, reject) => {
      ended.catch(reject);
    }),
  };
}

/** Only the rows whose text has changed are laid out anew. An empty one would have no height. */
const Row = memo(({ text }: { readonly text: string }) =>
  createElement(Text, { wrap: 'truncate' }, text === '' ? ' ' : terminalText(text)),
);
