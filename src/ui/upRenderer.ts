import { createUpJsonRenderer } from './upJsonRenderer.ts';
import { createUpLiveRenderer } from './upLiveRenderer.ts';
import type { OutputStream } from './output.ts';
import { createUpPlainRenderer } from './upPlainRenderer.ts';
import { progressRenderer } from './progressRenderer.ts';
import { createUpQuietRenderer } from './upQuietRenderer.ts';
import type { RenderMode } from './runRenderer.ts';
import { canRedraw, createStyle, useColor } from './style.ts';
import type { UpRenderer } from './upRendering.ts';

export interface UpRendererOptions {
  readonly mode: RenderMode;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
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
