import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { processStartTime } from '../platform/processIdentity.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/**
 * Which stack of this user is about to listen on which port. A port that is only tested may be chosen by two stacks
 * that start at once: the server binds it seconds later.
 */
export class PortClaims {
  readonly #folder: string;
  readonly #platform: NodeJS.Platform;

  /** @param folder shared by all stacks of the user. */
  constructor(folder: string, platform: NodeJS.Platform) {
    this.#folder = folder;
    this.#platform = platform;
  }

  /** @returns whether the port is this process's now; it is until it ends or releases it. */
  async claim(port: number): Promise<boolean> {
    const file = this.#file(port);
    await makePrivateFolder(this.#folder);
    const own = { pid: process.pid, startTime: await processStartTime(process.pid, this.#platform) };
    const aside = `${file}.${process.pid}`;
    await writeFile(aside, JSON.stringify(own), { mode: 0o600 });
    try {
      for (let tries = 0; tries < 3; tries += 1) {
        if (await linked(aside, file)) return true;
        const holder = await this.#holder(file);
        if (holder === process.pid) return true;
        if (holder !== undefined) return false;
        // Of a process that has ended. Two that find it so both remove it, and one of them gets the link.
        await rm(file, { force: true });
      }
      return false;
    } finally {
      await rm(aside, { force: true });
    }
  }

  async release(port: number): Promise<void> {
    if ((await this.#holder(this.#file(port))) === process.pid) await rm(this.#file(port), { force: true });
  }

  async #holder(file: string): Promise<number | undefined> {
    try {
      const { pid, startTime } = JSON.parse(await readFile(file, 'utf8')) as {
        pid: number;
        startTime?: string;
      };
      return (await processStartTime(pid, this.#platform)) === startTime ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  #file(port: number): string {
    return path.join(this.#folder, `port-${port}`);
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
