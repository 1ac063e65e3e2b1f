import path from 'node:path';
import { DevenvError } from '../errors.ts';
import { runInForeground } from '../platform/foregroundProcess.ts';
import { commandWords } from '../seed/references.ts';
import type { SecretsWork } from './secretsWork.ts';

/** @returns the program and its exit code. */
export async function openEditor(
  { context, commandHost }: SecretsWork,
  file: string,
): Promise<[string, number]> {
  const editor = context.env['VISUAL'] || context.env['EDITOR'] || 'vi';
  const [program, ...rest] = commandWords(editor) ?? [];
  if (program === undefined) throw noEditor(`VISUAL or EDITOR can't be understood: ${editor}`);
  commandHost.handOverSignals();
  try {
    const code = await runInForeground(program, [...rest, file], {
      env: context.env,
      cwd: context.workingDirectory,
      onInterrupt: commandHost.onInterrupt,
      sharesTerminal: commandHost.host.stdin.isTTY,
    });
    return [program, code];
  } catch (error) {
    if (error instanceof DevenvError && error.code === 'command_not_found') throw noEditor(error.what);
    throw error;
  }
}

function noEditor(what: string): DevenvError {
  return new DevenvError({
    code: 'editor_failed',
    what,
    next: ['Set VISUAL or EDITOR to your editor: EDITOR=nano, EDITOR="code --wait"'],
    misuse: true,
  });
}

export function editorFailed(program: string, code: number): DevenvError {
  const isSignal = code > 128;
  return new DevenvError({
    code: 'editor_failed',
    what: `${path.basename(program)} ended with exit code ${code}; nothing has changed.`,
    ...(isSignal ? { why: `Signal ${code - 128} has ended it.` } : {}),
    next: isSignal ? [] : ['Set VISUAL or EDITOR to an editor that waits: EDITOR="code --wait"'],
  });
}

export function editorRemovedFile(program: string): DevenvError {
  return new DevenvError({
    code: 'editor_failed',
    what: `${path.basename(program)} has removed the file that it was to edit; nothing has changed.`,
    next: ['devenv secrets rm NAME… removes secrets'],
    misuse: true,
  });
}
