import { PassThrough } from 'node:stream';
import type { OpenScreen, ScreenOptions } from '../../../../src/ui/tui/inkScreen.ts';

/** A keyboard: what is written to it is typed. */
export interface FakeKeyboard extends PassThrough {
  isTTY: boolean;
  setRawMode(on: boolean): FakeKeyboard;
  ref(): FakeKeyboard;
  unref(): FakeKeyboard;
  raw: boolean;
}

export function createFakeKeyboard(): FakeKeyboard {
  const keyboard = new PassThrough() as unknown as FakeKeyboard;
  keyboard.isTTY = true;
  keyboard.raw = false;
  keyboard.setRawMode = (on) => {
    keyboard.raw = on;
    return keyboard;
  };
  keyboard.ref = keyboard.unref = () => keyboard;
  return keyboard;
}

/** A screen without a terminal: what was drawn on it last, and how often. */
export interface FakeScreen {
  readonly open: OpenScreen;
  readonly frames: (readonly string[])[];
  readonly text: () => string;
  readonly press: (...keys: readonly string[]) => void;
  readonly options: () => ScreenOptions;
  readonly break: (error: Error) => void;
  readonly isClosed: () => boolean;
  /** How often somebody else had the terminal. */
  readonly suspensions: () => number;
}

export function createFakeScreen(): FakeScreen {
  const frames: (readonly string[])[] = [];
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  let given: ScreenOptions | undefined;
  let closed = false;
  let suspensions = 0;
  const options = (): ScreenOptions => {
    if (given === undefined) throw new Error('the screen was not opened');
    return given;
  };
  return {
    open(screenOptions) {
      given = screenOptions;
      return {
        draw: (lines) => frames.push(lines),
        async suspend(work) {
          suspensions += 1;
          await work();
        },
        async close() {
          closed = true;
        },
        broken: broken.promise,
      };
    },
    frames,
    text: () => (frames.at(-1) ?? []).join('\n'),
    press: (...keys) => keys.forEach((key) => options().onKey(key)),
    options,
    break: broken.reject,
    isClosed: () => closed,
    suspensions: () => suspensions,
  };
}
