import { render, Text, useStdout } from 'ink';
import { createElement } from 'react';
import type { OutputStream } from './output.ts';
import { terminalText } from './visibleText.ts';

/** A region at the bottom of the terminal that is redrawn in place, with lines passing above it. */
export interface LiveRegion {
  draw(lines: readonly string[]): void;
  /** Writes lines for good, above the region. */
  above(lines: readonly string[]): void;
  /** Takes the region away and gives the terminal back. */
  remove(): void;
}

export type OpenLiveRegion = (stream: OutputStream) => LiveRegion;

/**
 * Opens a region with ink. Import this file lazily and only when there is time: ink and React keep the event
 * loop busy for 100 ms and more while they load.
 */
export function openLiveRegion(stream: OutputStream): LiveRegion {
  let writeAbove: (text: string) => void = () => undefined;
  function Region({ text }: { readonly text: string }) {
    writeAbove = useStdout().write;
    return createElement(Text, { wrap: 'truncate' }, terminalText(text));
  }
  const frame = (lines: readonly string[]) => createElement(Region, { text: lines.join('\n') });
  const instance = render(frame([]), {
    stdout: stream as NodeJS.WriteStream,
    interactive: true,
    // Signals and other output are dealt with elsewhere.
    exitOnCtrlC: false,
    patchConsole: false,
  });
  return {
    draw: (lines) => instance.rerender(frame(lines)),
    above: (lines) => writeAbove(`${terminalText(lines.join('\n'))}\n`),
    remove() {
      instance.rerender(frame([]));
      instance.clear();
      instance.unmount();
    },
  };
}
