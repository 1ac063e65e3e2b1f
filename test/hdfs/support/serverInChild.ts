import process from 'node:process';
import { runHdfsServer } from '../../../src/hdfs/daemon/runHdfsServer.ts';

// What `devenv hdfs-server --state FOLDER --superuser NAME` does, without the program around it.
const [, , , , stateDirectory = '', , superuser = ''] = process.argv;
const over = new AbortController();
process.once('SIGTERM', () => over.abort());
await runHdfsServer(
  { platform: process.platform, signal: over.signal },
  { stateDirectory, superuser, log: (line) => process.stderr.write(`${line}\n`) },
);
