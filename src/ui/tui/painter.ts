import type { Style } from '../style.ts';
import type { LogReader } from './logBuffer.ts';
import type { DashboardState } from './model.ts';
import { frame, frameChangesIn } from './views/frame.ts';

/** Events come in bursts; a key is answered at once. */
const BATCH_MILLISECONDS = 50;

export interface PainterOptions {
  readonly state: () => DashboardState;
  readonly logs: LogReader;
  readonly style: Style;
  readonly now: () => number;
  readonly draw: (lines: readonly string[]) => void;
  /** A mistake of ours in a frame ends the dashboard, which restores the terminal, rather than the process. */
  readonly onError: (error: unknown) => void;
}

/** Decides when a frame is drawn: only when it looks different, and with no timer when nothing is going to change. */
export interface Painter {
  /** Soon, together with what else happens until then. */
  later(): void;
  now(): void;
  pause(): void;
  /** Draws, even what was drawn before: the screen has been somebody else's. */
  resume(): void;
}

export function createPainter(options: PainterOptions): Painter {
  let drawn: readonly string[] = [];
  let batch: NodeJS.Timeout | undefined;
  let tick: NodeJS.Timeout | undefined;
  let paused = false;

  function stopTimers(): void {
    clearTimeout(batch);
    clearTimeout(tick);
    batch = tick = undefined;
  }
  function paint(): void {
    stopTimers();
    if (paused) return;
    try {
      paintAnew();
    } catch (error) {
      options.onError(error);
    }
  }
  function paintAnew(): void {
    const state = options.state();
    const clock = options.now();
    const lines = frame(state, options.logs, clock, options.style);
    if (!isSame(lines, drawn)) options.draw(lines);
    drawn = lines;
    const wait = frameChangesIn(state, clock);
    if (wait !== undefined) tick = setTimeout(paint, Math.max(BATCH_MILLISECONDS, wait)).unref();
  }

  return {
    later() {
      if (!paused) batch ??= setTimeout(paint, BATCH_MILLISECONDS).unref();
    },
    now: paint,
    pause() {
      paused = true;
      stopTimers();
    },
    resume() {
      paused = false;
      drawn = [];
      paint();
    },
  };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
