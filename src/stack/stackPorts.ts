import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { choosePort, type ChosenPort, describeHolder, portState } from '../platform/ports.ts';
import type { PortClaims } from './portClaims.ts';

export const DEFAULT_PORT = 8080;

/**
 * The port of UI and API: the one asked for, else the one this work tree had last time, else the first free one
 * from 8080 on. It is remembered, so that links stay good.
 *
 * @returns the port, and what stood in the way of the one that would have been taken.
 * @throws DevenvError `port_taken` when the port was asked for.
 */
export async function stackPort(
  stateDirectory: string,
  asked: number | undefined,
  platform: NodeJS.Platform,
  claims: Pick<PortClaims, 'claim'>,
): Promise<{ readonly port: number; readonly taken?: string }> {
  if (asked !== undefined) {
    const state = await portState(asked, platform);
    if (state.state !== 'free')
      throw portTaken(asked, state.state === 'taken' ? describeHolder(state.holder) : undefined);
    if (!(await claims.claim(asked))) throw portTaken(asked, 'a stack of yours that is just starting');
    await remember(stateDirectory, asked);
    return { port: asked };
  }
  const remembered = await rememberedPort(stateDirectory);
  const { port, passedOver } = await chooseAndClaim(remembered ?? DEFAULT_PORT, claims);
  if (port !== remembered) await remember(stateDirectory, port);
  const [first] = passedOver;
  if (first === undefined) return { port };
  const holder = first.state.state === 'taken' ? describeHolder(first.state.holder) : 'the system';
  return { port, taken: `Port ${first.port} is taken by ${holder}; this stack uses ${port}.` };
}

async function chooseAndClaim(preferred: number, claims: Pick<PortClaims, 'claim'>): Promise<ChosenPort> {
  const promised = new Set<number>();
  for (;;) {
    const chosen = await choosePort(preferred, promised);
    if (await claims.claim(chosen.port)) return chosen;
    promised.add(chosen.port);
  }
}

function fileIn(stateDirectory: string): string {
  return path.join(stateDirectory, 'ports.json');
}

/** The port this work tree had last time. */
export async function rememberedPort(stateDirectory: string): Promise<number | undefined> {
  try {
    const { api } = JSON.parse(await readFile(fileIn(stateDirectory), 'utf8')) as { api?: unknown };
    return typeof api === 'number' && Number.isInteger(api) && api > 0 && api < 65_536 ? api : undefined;
  } catch {
    return undefined;
  }
}

async function remember(stateDirectory: string, port: number): Promise<void> {
  await writeFileAtomic(fileIn(stateDirectory), `${JSON.stringify({ version: 1, api: port })}\n`);
}

function portTaken(port: number, holder: string | undefined): DevenvError {
  return new DevenvError({
    code: 'port_taken',
    what: `Port ${port} can't be used.`,
    why: holder === undefined ? 'This user may not listen on it.' : `It is taken by ${holder}.`,
    next: ['Leave --port out to get a free one', 'Or end that program'],
  });
}
