import { createJsonRenderer } from './jsonRenderer.ts';
import { createLiveRenderer } from './liveRenderer.ts';
import type { OutputStream } from './output.ts';
import { createPlainRenderer } from './plainRenderer.ts';
import { progressRenderer } from './progressRenderer.ts';
import { createQuietRenderer } from './quietRenderer.ts';
import { canRedraw, createStyle, useColor } from './style.ts';
import type { RunRenderer } from './runRendering.ts';

export type RenderMode = 'auto' | 'live' | 'plain' | 'json' | 'quiet';

export interface RunRendererOptions {
  readonly mode: RenderMode;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Also debug lines and what Airflow says round every task. */
  readonly verbose: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether questions of tasks are asked on this terminal. */
  readonly asks?: boolean;
}

/** `auto` is live on a terminal that can redraw, plain elsewhere. Live falls back to plain where it can't be. */
export async function createRunRenderer(options: RunRendererOptions): Promise<RunRenderer> {
  const { stdout, stderr, env } = options;
  const out = { stream: stdout, style: createStyle(useColor(stdout, env)) };
  const err = { stream: stderr, style: createStyle(useColor(stderr, env)) };
  const shared = { out, err, verbose: options.verbose, now: options.now, asks: options.asks ?? false };
  switch (options.mode) {
    case 'json':
      return createJsonRenderer(shared);
    case 'quiet':
      return createQuietRenderer(shared);
    case 'plain':
      return createPlainRenderer({ ...shared, progress: progressRenderer(options, false) });
    default: {
      const progress = progressRenderer(options, canRedraw(stderr, env));
      const live = canRedraw(stdout, env) && env['INK_SCREEN_READER'] !== 'true';
      return live
        ? createLiveRenderer({ ...shared, progress })
        : createPlainRenderer({ ...shared, progress });
    }
  }
}
