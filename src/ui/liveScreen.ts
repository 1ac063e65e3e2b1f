import type { LiveRegion, OpenLiveRegion } from './liveRegion.ts';
import { writeLines, type OutputStream } from './output.ts';

/** A warm run is over by then; it must not wait for ink, which keeps the event loop busy while it loads. */
const PATIENCE_MILLISECONDS = 250;
const REDRAW_MILLISECONDS = 50;
const TICK_MILLISECONDS = 100;

export interface LiveScreenOptions {
  readonly stream: OutputStream;
  readonly load: () => Promise<OpenLiveRegion>;
  /** The lines of the live region now, for a screen of that size. */
  readonly frame: (size: { readonly columns: number; readonly rows: number }) => readonly string[];
  /** Called before anything is written past the region, and when it opens. */
  readonly clearWay: () => void;
  readonly onOpen: () => void;
  readonly onFailure: (error: unknown) => void;
  /** How long something has to last before it gets a live region. */
  readonly patienceMs?: number | undefined;
}

export interface LiveScreen {
  /** Something is running: after a while there is a live region, with its clock ticking. */
  start(): void;
  /** The frame may look different now. */
  changed(): void;
  /** Writes lines for good. */
  print(lines: readonly string[]): void;
  isOpen(): boolean;
  /** Nothing runs any more: takes the live region away, at once. */
  stop(): void;
}

/** Decides when the live region exists and when it is drawn: in batches, and only when it looks different. */
export function createLiveScreen(options: LiveScreenOptions): LiveScreen {
  const { stream } = options;
  let region: LiveRegion | undefined;
  let loaded: Promise<OpenLiveRegion> | undefined;
  let waiting: NodeJS.Timeout | undefined;
  let redraw: NodeJS.Timeout | undefined;
  let ticker: NodeJS.Timeout | undefined;
  let passing: string[] = [];
  let drawn = '';

  function paint(): void {
    clearTimeout(redraw);
    redraw = undefined;
    if (region === undefined) return;
    if (passing.length > 0) region.above(passing);
    passing = [];
    const lines = options.frame({ columns: stream.columns ?? 80, rows: stream.rows ?? 24 });
    const text = lines.join('\n');
    if (text !== drawn) region.draw(lines);
    drawn = text;
  }
  async function open(): Promise<void> {
    const mine = waiting;
    loaded ??= options.load();
    const openRegion = await loaded;
    // Loading took its time: the run may be over, or be another one.
    if (waiting !== mine || mine === undefined) return;
    options.clearWay();
    // Before ink's own listener, so that it redraws what fits the new size.
    stream.on?.('resize', paint);
    region = openRegion(stream);
    options.onOpen();
    ticker = setInterval(paint, TICK_MILLISECONDS).unref();
    paint();
  }
  function changed(): void {
    if (region !== undefined) redraw ??= setTimeout(paint, REDRAW_MILLISECONDS).unref();
  }

  return {
    start() {
      if (region !== undefined || waiting !== undefined) return;
      waiting = setTimeout(
        () => void open().catch(options.onFailure),
        options.patienceMs ?? PATIENCE_MILLISECONDS,
      );
      waiting.unref();
    },
    changed,
    print(lines) {
      if (lines.length === 0) return;
      if (region === undefined) {
        options.clearWay();
        writeLines(stream, lines);
      } else {
        passing.push(...lines);
        changed();
      }
    },
    isOpen: () => region !== undefined,
    stop() {
      clearTimeout(waiting);
      clearTimeout(redraw);
      clearInterval(ticker);
      waiting = redraw = ticker = undefined;
      stream.off?.('resize', paint);
      if (region === undefined) return options.clearWay();
      if (passing.length > 0) region.above(passing);
      region.remove();
      region = undefined;
      passing = [];
      drawn = '';
    },
  };
}
