import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { HdfsSettings } from '../../../src/config/project.ts';
import type { Context } from '../../../src/context.ts';
import type { WebHdfsFiles } from '../../../src/hdfs/client/webHdfsFiles.ts';
import { systemUser } from '../../../src/hdfs/configuration/hadoopUser.ts';
import { stopHdfs } from '../../../src/hdfs/daemon/ensureHdfs.ts';
import type { HdfsPlace } from '../../../src/hdfs/daemon/hdfsPlace.ts';
import { hdfsDataDirectory, writeRecord } from '../../../src/hdfs/daemon/hdfsRecord.ts';
import { openHdfs } from '../../../src/hdfs/openHdfs.ts';
import { serveHdfs } from '../../../src/hdfs/serveHdfs.ts';

/** Serves as the program does, from sources. */
export const PROGRAM = [process.execPath, path.join(import.meta.dirname, 'serverInChild.ts')] as const;

export interface TestProject {
  readonly root: string;
  readonly stateDirectory: string;
  readonly hdfs: HdfsSettings;
}

/** A project in a folder of its own; its server is ended with the test, and the folder removed. */
export async function makeProject(settings: Partial<HdfsSettings> = {}): Promise<TestProject> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-hdfs-')));
  const project = {
    root,
    stateDirectory: path.join(root, '.devenv'),
    hdfs: { nameservice: undefined, user: undefined, conf: [], seed: [], ...settings },
  };
  onTestFinished(async () => {
    await stopHdfs(context(), project);
    await rm(root, { recursive: true });
  });
  return project;
}

/** Of a person called alice, with no Hadoop on the machine. */
export function context(env: Readonly<Record<string, string>> = {}): Context {
  return {
    env: { PATH: '/usr/bin:/bin', USER: 'alice', ...env },
    platform: process.platform,
    workingDirectory: '/',
    now: Date.now,
    emit: () => {},
    signal: new AbortController().signal,
  };
}

/** The files of a project, whose server runs in this process: it starts in no time. */
export async function openFiles(project: TestProject): Promise<WebHdfsFiles> {
  await serveHere(project);
  const files = await openHdfs(context(), project);
  onTestFinished(() => files.close());
  return files;
}

/** Leaves the record of a server that nobody may end. */
export async function serveHere({ stateDirectory }: TestProject): Promise<HdfsPlace> {
  const server = await serveHdfs({
    root: hdfsDataDirectory(stateDirectory),
    address: '127.0.0.1',
    ports: [0, 0, 0],
    superuser: systemUser({}),
    // As the program has it for a project that names none.
    settings: () => ({ names: ['analytics-hadoop'], proxyUsers: [] }),
    log: () => {},
  });
  onTestFinished(() => server.close());
  const place = { address: '127.0.0.1', ports: server.ports };
  await writeRecord(stateDirectory, { version: 1, pid: process.pid, startTime: 'of no process', ...place });
  return place;
}
