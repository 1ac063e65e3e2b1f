import { onTestFinished } from 'vitest';
import { webHdfsFiles } from '../../../src/hdfs/client/webHdfsFiles.ts';
import { placeUrl } from '../../../src/hdfs/daemon/hdfsPlace.ts';
import { systemUser } from '../../../src/hdfs/configuration/hadoopUser.ts';
import { hdfsFileSystem } from '../../../src/hdfs/shell/hdfsFileSystem.ts';
import { runShell } from '../../../src/hdfs/shell/runShell.ts';
import { ShellSession } from '../../../src/hdfs/shell/session.ts';
import { makeProject, serveHere } from './hdfsProject.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface TestShell {
  /** A command line, split at spaces. */
  readonly run: (line: string, input?: string) => Promise<Ran>;
  readonly session: ShellSession;
  /** A folder of the machine, where commands work. */
  readonly folder: string;
}

/** A shell in a project of its own. It may do everything; `user` says whose home it is in. */
export async function openShell(
  properties: Readonly<Record<string, string>> = {},
  user = 'alice',
): Promise<TestShell> {
  const project = await makeProject();
  const place = await serveHere(project);
  const files = webHdfsFiles({ url: placeUrl(place), user: systemUser({}) });
  onTestFinished(() => files.close());
  let [out, err, input] = ['', '', ''];
  const session = new ShellSession({
    files,
    hdfs: hdfsFileSystem(files, { umask: 0o022, replication: 1, blockSize: undefined }),
    nameservice: 'analytics-hadoop',
    user,
    io: {
      write: async (bytes) => {
        out += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
      },
      warn: (line) => {
        err += `${line}\n`;
      },
      input: {
        async *[Symbol.asyncIterator]() {
          yield Buffer.from(input);
        },
      },
      workingDirectory: project.root,
      now: () => Date.UTC(2026, 0, 31),
    },
    property: (name) => properties[name],
    mount: { place, stateDirectory: project.stateDirectory },
  });
  return {
    session,
    folder: project.root,
    async run(line, given = '') {
      [out, err, input] = ['', '', given];
      const [name = '', ...words] = line.split(' ').filter((word) => word !== '');
      const code = await runShell(session, name, words, '-');
      return { code, out, err };
    },
  };
}
