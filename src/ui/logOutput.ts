import { writeLines, type OutputStream } from './output.ts';
import { createStyle, useColor, type ColourName } from './style.ts';
import { padColumns, printableLines, textWidth } from './textWidth.ts';

export interface LogOutputOptions {
  readonly stdout: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
  /** In front of each line; not when only one service is shown, so that its lines can be copied as they are. */
  readonly showService: boolean;
}

interface Line {
  readonly service: string;
  readonly text: string;
  readonly time?: number;
}

const COLOURS: readonly ColourName[] = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red'];
/** Wide enough for the names of all services we have: lines that come later do not move. */
const NAME_COLUMNS = 13;

/** Writes log lines of a stack as text or as NDJSON. */
export function createLogOutput(options: LogOutputOptions): (line: Line) => void {
  const { stdout, env } = options;
  const style = createStyle(useColor(stdout, env));
  const colours = new Map<string, ColourName>();
  const prefix = (service: string): string => {
    const colour = colours.get(service) ?? COLOURS[colours.size % COLOURS.length] ?? 'cyan';
    colours.set(service, colour);
    return style[colour](`${padColumns(service, Math.max(NAME_COLUMNS, textWidth(service)))} |`);
  };
  return (line) => {
    if (options.json) {
      const time = line.time === undefined ? {} : { time: new Date(line.time).toISOString() };
      writeLines(stdout, [
        JSON.stringify({ v: 1, event: 'log', ...time, service: line.service, text: line.text }),
      ]);
      return;
    }
    const texts = printableLines(line.text, style.color);
    const shown = options.showService
      ? texts.map((text) => `${prefix(line.service)} ${text}`.trimEnd())
      : texts;
    writeLines(stdout, shown);
  };
}
