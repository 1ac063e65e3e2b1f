import { createLinePrompt } from './linePrompt.ts';

export interface ConfirmStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Whether there is a person to ask. */
export function canAsk({ stdin, stderr }: ConfirmStreams): boolean {
  return stdin.isTTY && stderr.isTTY;
}

/** Asks a person; only a word that begins with y is a yes. */
export async function confirm({ stdin, stderr }: ConfirmStreams, question: string): Promise<boolean> {
  const prompt = createLinePrompt({ stdin, stdout: stderr });
  try {
    const answer = await prompt.ask(`${question} [y/N] `);
    return answer.kind === 'line' && /^y(es)?$/i.test(answer.text.trim());
  } finally {
    prompt.close();
  }
}
