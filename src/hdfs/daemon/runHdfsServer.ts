import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { withFileLock } from '../../platform/fileLock.ts';
import { errorCode } from '../../platform/fileSystemError.ts';
import { processStartTime } from '../../platform/processIdentity.ts';
import { serveHdfs } from '../serveHdfs.ts';
import { candidatePlaces, rememberedPlace, rememberPlace, type HdfsPlace } from './hdfsPlace.ts';
import { hdfsDataDirectory, readRecord, removeRecord, writeRecord } from './hdfsRecord.ts';
import { hdfsLock } from './hdfsLock.ts';
import { makeHdfsSocket } from './hdfsSocket.ts';
import { ownProcesses } from './ownProcesses.ts';
import { currentServerSettings } from './serverSettingsFile.ts';

export interface HdfsServerOptions {
  readonly stateDirectory: string;
  readonly superuser: string;
  /** One line for the server's log. */
  readonly log: (line: string) => void;
  /** Serves something else of the project on the same address, for as long. */
  readonly beside?: (place: HdfsPlace) => Promise<{ close(): Promise<void> } | undefined>;
}

/** How often it looks whether it is still wanted: its folder may have been removed under it. */
const LOOK_MS = 2_000;

/**
 * Serves a project's HDFS until the signal is aborted, or its record is gone or another's. One at a time for a
 * project.
 *
 * @throws DevenvError `hdfs_already_served`, `hdfs_not_starting`.
 */
export async function runHdfsServer(
  context: Pick<Context, 'platform' | 'signal'>,
  options: HdfsServerOptions,
): Promise<void> {
  const taken = new AbortController();
  const onWait = ({ pid }: { readonly pid: number }): void => taken.abort(alreadyServed(pid));
  const signal = AbortSignal.any([context.signal, taken.signal]);
  await withFileLock(hdfsLock(options.stateDirectory), { signal, onWait }, () => serve(context, options));
}

async function serve(
  { platform, signal }: Pick<Context, 'platform' | 'signal'>,
  options: HdfsServerOptions,
): Promise<void> {
  const { stateDirectory, log } = options;
  const { place, close } = await listen(platform, options);
  let other: { close(): Promise<void> } | undefined;
  try {
    await rememberPlace(stateDirectory, place);
    const startTime = (await processStartTime(process.pid, platform)) ?? '';
    await writeRecord(stateDirectory, { version: 1, pid: process.pid, startTime, ...place });
    log(`HDFS listens on ${place.address}, ports ${place.ports.join(', ')}.`);
    other = await options.beside?.(place);
    await untilUnwanted(stateDirectory, signal);
  } finally {
    await other?.close();
    await close();
    if ((await readRecord(stateDirectory))?.pid === process.pid) await removeRecord(stateDirectory);
  }
}

async function listen(
  platform: NodeJS.Platform,
  { stateDirectory, superuser, log }: HdfsServerOptions,
): Promise<{ readonly place: HdfsPlace; readonly close: () => Promise<void> }> {
  const root = hdfsDataDirectory(stateDirectory);
  const serving = {
    root,
    superuser,
    log,
    admits: ownProcesses(log),
    settings: currentServerSettings(stateDirectory),
    ...(await makeHdfsSocket(stateDirectory, platform)),
  };
  const remembered = await rememberedPlace(stateDirectory);
  let refusal: unknown;
  for (const { address, ports } of candidatePlaces(stateDirectory, platform, remembered)) {
    try {
      const served = await serveHdfs({ ...serving, address, ports });
      return { place: { address, ports: served.ports }, close: () => served.close() };
    } catch (error) {
      if (!TAKEN.has(errorCode(error) ?? '')) throw error;
      refusal = error;
    }
  }
  throw new DevenvError({
    code: 'hdfs_not_starting',
    what: 'No address of this machine could be listened on for HDFS.',
    why: String(refusal),
    next: ['devenv doctor'],
    cause: refusal,
  });
}

/** EACCES: systems that reserve ports for others. */
const TAKEN = new Set(['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES']);

async function untilUnwanted(stateDirectory: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const aborted = await sleep(LOOK_MS, false, { signal }).catch(() => true);
    if (aborted || !(await isOurs(stateDirectory))) return;
  }
}

async function isOurs(stateDirectory: string): Promise<boolean> {
  if ((await readRecord(stateDirectory))?.pid === process.pid) return true;
  // An unreadable disk for a moment is no reason to end.
  return (await stat(stateDirectory).catch((error: unknown) => errorCode(error))) === 'EIO';
}

function alreadyServed(pid: number): DevenvError {
  return new DevenvError({
    code: 'hdfs_already_served',
    what: `Process ${pid} serves this project's HDFS already.`,
    next: ['devenv down ends it'],
  });
}
