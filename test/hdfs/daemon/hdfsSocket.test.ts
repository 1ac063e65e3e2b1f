import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ensureHdfs, stopHdfs } from '../../../src/hdfs/daemon/ensureHdfs.ts';
import { hdfsSocketFolder, HDFS_SOCKET } from '../../../src/hdfs/daemon/hdfsSocket.ts';
import { context, makeProject, PROGRAM, type TestProject } from '../support/hdfsProject.ts';

const onLinux = process.platform === 'linux';

test.runIf(onLinux)(
  'the server answers at a Unix socket in a folder of its own, also after a kill',
  async () => {
    const project = await makeProject();
    await ensureHdfs(context(), project, { program: PROGRAM });
    const folder = hdfsSocketFolder(project.stateDirectory);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await homeFolder(project)).toBe('/user/alice');
    await stopHdfs(context(), project);
    await ensureHdfs(context(), project, { program: PROGRAM });
    expect(await homeFolder(project)).toBe('/user/alice');
  },
);

test.runIf(onLinux)('the path of the project may be longer than that of a socket', async () => {
  const short = await makeProject();
  const project = { ...short, stateDirectory: path.join(short.root, 'x'.repeat(120), '.devenv') };
  await ensureHdfs(context(), project, { program: PROGRAM });
  try {
    const file = path.join(hdfsSocketFolder(project.stateDirectory), HDFS_SOCKET);
    expect((await stat(file)).isSocket()).toBe(true);
  } finally {
    await stopHdfs(context(), project);
  }
});

/** As a pod asks, by the address that its node has. */
async function homeFolder(project: TestProject): Promise<string> {
  const socketPath = path.join(hdfsSocketFolder(project.stateDirectory), HDFS_SOCKET);
  const query = '/webhdfs/v1/?op=GETHOMEDIRECTORY&user.name=alice';
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request({ socketPath, path: query, headers: { host: '198.18.0.1:9870' } }, (response) =>
      resolve(text(response)),
    );
    sent.once('error', reject).end();
  });
  return (JSON.parse(answer) as { Path: string }).Path;
}
