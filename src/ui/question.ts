import { createInterface } from 'node:readline';
import type { Question } from '../dagruns/events.ts';
import type { Style } from './style.ts';
import { printableLines } from './textWidth.ts';
import { visibleLine } from './visibleText.ts';

/** What waits, and where it can be answered. */
export function questionLines(question: Question, style: Style, isAskedHere: boolean): string[] {
  const name = question.map_index < 0 ? question.task_id : `${question.task_id}[${question.map_index}]`;
  const body = question.body === undefined ? [] : printableLines(question.body, style.color);
  const options = question.options.map((each, index) => `  ${index + 1}  ${each}${mark(question, each)}`);
  return [
    style.yellow(`? ${name} waits for an answer: ${printableLines(question.subject, style.color).join(' ')}`),
    ...body.map((line) => `  ${line}`),
    ...options.flatMap((line) => printableLines(line, style.color)),
    ...timeLines(question),
    isAskedHere
      ? '  Answer here, or in the UI under Required Actions (devenv up, devenv open).'
      : '  Answer in the UI under Required Actions (devenv up, devenv open); the run goes on then.',
  ];
}

/**
 * Asks a person on the terminal until the answer is one of the options.
 *
 * @param signal aborted when the answer came from elsewhere, or the run has ended.
 * @returns undefined when there is no answer.
 */
export async function askQuestion(
  streams: { readonly stdin: NodeJS.ReadStream; readonly stderr: NodeJS.WriteStream },
  question: Question,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  // The terminal stays as it is: Ctrl+C is the signal that stops the run.
  const reader = createInterface({ input: streams.stdin, terminal: false });
  signal.addEventListener('abort', () => reader.close(), { once: true });
  const many = question.multiple ? 'numbers, with commas' : 'a number';
  const ask = (): unknown => streams.stderr.write(visibleLine(`Answer (${many}): `));
  try {
    ask();
    for await (const line of reader) {
      const chosen = chosenOptions(question, line);
      if (chosen !== undefined) return chosen;
      ask();
    }
    return undefined;
  } finally {
    reader.close();
    streams.stdin.pause();
  }
}

/** The options of an answer: numbers or words; nothing stands for the defaults. */
export function chosenOptions(question: Question, line: string): readonly string[] | undefined {
  const words = line
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (words.length === 0) return question.defaults;
  if (words.length > 1 && !question.multiple) return undefined;
  const chosen = words.map(
    (word) =>
      question.options[Number(word) - 1] ??
      question.options.find((each) => each.toLowerCase() === word.toLowerCase()),
  );
  return chosen.every((each) => each !== undefined) ? chosen : undefined;
}

function mark({ defaults }: Question, option: string): string {
  return defaults?.includes(option) === true ? '  (default)' : '';
}

function timeLines({ until, defaults }: Question): string[] {
  if (until === undefined) return [];
  const end = defaults === undefined ? 'fails' : `goes on with ${defaults.join(', ')}`;
  return [`  Without an answer until ${until.replace(/\.\d+/, '')} the task ${end}.`];
}
