import { rm } from 'node:fs/promises';
import type net from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { listenUnix } from '../platform/unixSocket.ts';

export interface DebugTerminal {
  /** Where a task's `breakpoint()` connects to. */
  readonly socket: string;
  close(): Promise<void>;
}

/**
 * Lends the terminal of this command to the debugger of a task, whose own process has none.
 *
 * @param directory a private folder with a short path.
 * @param talk passes on what is typed and printed; it resolves when the conversation is over.
 */
export async function openDebugTerminal(
  directory: string,
  talk: (conversation: Duplex) => Promise<void>,
): Promise<DebugTerminal> {
  const socket = path.join(directory, `d-${process.pid}.sock`);
  const open = new Set<net.Socket>();
  const server = await listenUnix(socket, (conversation) => {
    open.add(conversation);
    conversation.once('close', () => open.delete(conversation));
    // The task may be killed at any moment; what is read ends then.
    conversation.on('error', () => {});
    void talk(conversation)
      .catch(() => undefined)
      .finally(() => conversation.destroy());
  });
  return {
    socket,
    async close() {
      for (const each of open) each.destroy();
      server.close();
      await rm(socket, { force: true });
    },
  };
}
