/** Paints text with the 16 colours of the terminal, so that themes and contrast settings apply. */
type Paint = (text: string) => string;

export type ColourName = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray';

export interface Style extends Readonly<Record<ColourName | 'bold' | 'dim' | 'inverse', Paint>> {
  /** False when every paint returns its text unchanged. */
  readonly color: boolean;
}

export interface ColourTarget {
  readonly isTTY?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What to paint with on a stream: nothing when the stream or the environment wants no colour. */
export function createStyle(color: boolean): Style {
  const paint = (open: number, close: number): Paint =>
    color ? (text) => (text === '' ? '' : `\u001B[${open}m${text}\u001B[${close}m`) : (text) => text;
  return {
    color,
    bold: paint(1, 22),
    dim: paint(2, 22),
    inverse: paint(7, 27),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
    magenta: paint(35, 39),
    cyan: paint(36, 39),
    gray: paint(90, 39),
  };
}

/** NO_COLOR wins, then FORCE_COLOR, then whether the stream is a terminal that knows colours. */
export function useColor(stream: ColourTarget, env: Environment): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** True where lines may be redrawn: a terminal that is neither dumb nor watched by a CI system. */
export function canRedraw(stream: ColourTarget, env: Environment): boolean {
  const ci = env['CI'];
  const inCi = ci !== undefined && ci !== '' && ci !== '0' && ci !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb' && !inCi;
}
