import { visibleLine } from './visibleText.ts';

export interface SecretPromptOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

const ENTER = new Set(['\r', '\n']);
const ERASE = new Set(['\u007F', '\b']);

/**
 * Asks for a line that is not shown while it is typed.
 *
 * @returns undefined after Ctrl+C or Ctrl+D.
 */
export async function askSecret(prompt: string, options: SecretPromptOptions): Promise<string | undefined> {
  const { stdin, stderr } = options;
  stderr.write(visibleLine(prompt));
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

async function readLine(stdin: NodeJS.ReadStream): Promise<string | undefined> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const end = (answer: string | undefined): void => {
      stdin.off('data', take);
      stdin.off('end', ended);
      resolve(answer);
    };
    const ended = (): void => end(undefined);
    const take = (text: string): void => {
      for (const letter of text) {
        if (ENTER.has(letter)) return end(typed.join(''));
        if (letter === '\u0003' || letter === '\u0004') return end(undefined);
        if (ERASE.has(letter)) typed = typed.slice(0, -1);
        else if (letter === '\u0015') typed = [];
        else if (letter >= ' ') typed.push(letter);
      }
    };
    stdin.on('data', take);
    stdin.on('end', ended);
    stdin.resume();
  });
}
