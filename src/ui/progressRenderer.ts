import type { MessageEvent, ProgressEvent, StepEvent } from '../events.ts';
import { formatDuration, formatElapsed } from './duration.ts';
import type { OutputStream } from './output.ts';
import { createStyle, useColor, type Style } from './style.ts';
import { cutColumns } from './textWidth.ts';
import { terminalText } from './visibleText.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const ERASE_LINE = '\r\u001B[2K';
const TICK_MILLISECONDS = 100;

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Whether a line may be redrawn. */
  readonly interactive: boolean;
  readonly columns: () => number;
  readonly style: Style;
  readonly now: () => number;
}

export interface ProgressRenderer {
  progress(event: ProgressEvent): void;
  /** Takes the updating line away, so that others can write. It is back with the next tick, if still needed. */
  hide(): void;
  /** From now on lines only, by another way: something else draws on the terminal. */
  redirect(write: (text: string) => void): void;
  close(): void;
}

/** For a command: steps belong to stderr. */
export function progressRenderer(
  {
    stderr,
    env,
    now,
  }: { stderr: OutputStream; env: Readonly<Record<string, string | undefined>>; now: () => number },
  interactive: boolean,
): ProgressRenderer {
  return createProgressRenderer({
    write: (text) => void stderr.write(text),
    interactive,
    columns: () => stderr.columns ?? 80,
    style: createStyle(useColor(stderr, env)),
    now,
  });
}

interface ActiveStep {
  readonly event: StepEvent;
  readonly since: number;
}

/** Shows the steps of provisioning: one updating line on a terminal, a line at start and end elsewhere. */
export function createProgressRenderer(options: ProgressOptions): ProgressRenderer {
  const { style, now } = options;
  let { write, interactive } = options;
  const active = new Map<string, ActiveStep>();
  let ticker: NodeJS.Timeout | undefined;
  let drawn = false;

  function hide(): void {
    if (drawn) write(ERASE_LINE);
    drawn = false;
  }
  function draw(): void {
    const step = [...active.values()].at(-1);
    if (step === undefined) return;
    const spinner = SPINNER[Math.floor(now() / TICK_MILLISECONDS) % SPINNER.length] ?? SPINNER[0];
    const others = active.size > 1 ? ` (and ${active.size - 1} more)` : '';
    const elapsed = style.dim(formatElapsed(now() - step.since));
    const line = `${style.cyan(spinner)} ${describeStep(step.event)}${others}  ${elapsed}`;
    write(ERASE_LINE + cutColumns(terminalText(line), options.columns() - 1));
    drawn = true;
  }
  function tickWhileActive(): void {
    if (interactive && active.size > 0) {
      // The first frame comes with the first tick: a step that is over by then was not worth a flicker.
      ticker ??= setInterval(draw, TICK_MILLISECONDS).unref();
      return;
    }
    clearInterval(ticker);
    ticker = undefined;
  }
  function print(line: string): void {
    hide();
    write(`${terminalText(line)}\n`);
  }
  function step(event: StepEvent): void {
    const before = active.get(event.id);
    const since = before?.since ?? now();
    if (event.state === 'working') {
      active.set(event.id, { event, since });
      if (before === undefined && !interactive) print(`${style.dim('…')} ${describeStep(event)}`);
    } else {
      active.delete(event.id);
      const quick = interactive && !drawn && now() - since < TICK_MILLISECONDS;
      if (event.state === 'failed' || !quick) print(endOfStep(event, now() - since, style));
    }
    tickWhileActive();
  }

  return {
    progress: (event) => (event.type === 'step' ? step(event) : print(messageLine(event, style))),
    hide,
    redirect(other) {
      hide();
      write = other;
      interactive = false;
      tickWhileActive();
    },
    close() {
      hide();
      active.clear();
      tickWhileActive();
    },
  };
}

function messageLine(event: MessageEvent, style: Style): string {
  return event.level === 'warning' ? `${style.yellow(style.bold('warning:'))} ${event.text}` : event.text;
}

function describeStep({ text, current, total, detail }: StepEvent): string {
  const count = current === undefined ? '' : total === undefined ? ` ${current}` : ` ${current}/${total}`;
  return `${text}${count}${detail === undefined ? '' : `: ${detail}`}`;
}

function endOfStep(event: StepEvent, milliseconds: number, style: Style): string {
  const symbol = event.state === 'done' ? style.green('✓') : style.red('✗');
  const failed = event.state === 'failed' ? ' failed' : '';
  const detail = event.detail === undefined ? '' : `: ${event.detail}`;
  return `${symbol} ${event.text}${failed}${detail} ${style.dim(`(${formatDuration(milliseconds)})`)}`;
}
