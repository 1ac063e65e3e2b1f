import type { DevenvError } from '../errors.ts';
import type { ProgressEvent } from '../events.ts';
import type { StackEvent } from '../stack/events.ts';
import { createUpJsonRenderer } from './upJsonRenderer.ts';
import { createUpLiveRenderer } from './upLiveRenderer.ts';
import type { OutputStream } from './output.ts';
import { createUpPlainRenderer } from './upPlainRenderer.ts';
import { progressRenderer } from './progressRenderer.ts';
import { createUpQuietRenderer } from './upQuietRenderer.ts';
import type { RenderMode } from './runRenderer.ts';
import { canRedraw, createStyle, useColor } from './style.ts';

export interface UpRendererOptions {
  readonly mode: RenderMode;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Shows how a stack is started, restarted or stopped by a command: what happens on stderr, and on stdout what came
 * of it. Nothing here throws because of what it is told.
 */
export interface UpRenderer {
  event(event: StackEvent): void;
  /** Of the command's own work, before there is a stack. */
  progress(event: ProgressEvent): void;
  error(error: DevenvError): void;
  /** A sentence for a person: `Stopping… press Ctrl+C again to force`. */
  note(text: string): void;
  /** A line of what went wrong and is no error of its own: also for those that want to see nothing else. */
  problem(text: string): void;
  /** Something else has the terminal from now on, a dashboard say. The next event is the first of something new. */
  handOver(): void;
  /** Says what came of it and leaves the terminal as it was. Resolves when all is written. */
  close(): Promise<void>;
}

/** `auto` is live on a terminal that can redraw, plain elsewhere. Live falls back to plain where it can't be. */
export function createUpRenderer(options: UpRendererOptions): UpRenderer {
  const { stdout, stderr, env, now } = options;
  const out = { stream: stdout, style: createStyle(useColor(stdout, env)) };
  const err = { stream: stderr, style: createStyle(useColor(stderr, env)) };
  switch (options.mode) {
    case 'json':
      return createUpJsonRenderer({ out });
    case 'quiet':
      return createUpQuietRenderer({ out, err, now });
    case 'plain':
      return createUpPlainRenderer({ out, err, now, progress: progressRenderer(options, false) });
    default: {
      const live = canRedraw(stderr, env) && env['INK_SCREEN_READER'] !== 'true';
      const progress = progressRenderer(options, live);
      return live
        ? createUpLiveRenderer({ out, err, now, progress })
        : createUpPlainRenderer({ out, err, now, progress });
    }
  }
}
