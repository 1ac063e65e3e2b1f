import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mockHdfsForTest } from './support/mockHdfs.ts';
import { ask, type WebHdfsAnswer, type WebHdfsRequest } from './support/webHdfsRequest.ts';

const MEGABYTES = 4;

// Only root may mount a disk that is small enough to be filled.
test.skipIf(process.getuid?.() !== 0)(
  'a full disk is told, loses nothing, and is over when there is space again',
  async () => {
    const mock = await mockHdfsForTest({ root: smallDisk(), superuser: 'root' });
    const tell = (
      verb: WebHdfsRequest['verb'],
      file: string,
      query: string,
      body?: string,
    ): Promise<WebHdfsAnswer> =>
      ask(mock.address, {
        verb,
        path: file,
        query: `${query}&user.name=root`,
        ...(body === undefined ? {} : { body }),
      });
    expect((await tell('PUT', '/kept', 'op=CREATE', 'kept')).status).toBe(201);
    const refused = await tell('PUT', '/large', 'op=CREATE', 'x'.repeat(2 * MEGABYTES * 1024 * 1024));
    expect([refused.status, String(refused.body)]).toEqual([
      403,
      expect.stringContaining('No space left on device'),
    ]);
    // What is left of the space goes to small files.
    let made = 0;
    while ((await tell('PUT', `/small/f${made}`, 'op=CREATE', 'y'.repeat(5000))).status === 201) made += 1;
    for (const [verb, file, query] of [
      ['PUT', '/directory', 'op=MKDIRS'],
      ['PUT', '/kept', 'op=CREATE&overwrite=true'],
      ['POST', '/kept', 'op=APPEND'],
    ] as const) {
      const { status } = await tell(verb, file, query, 'z'.repeat(5000));
      expect([200, 201, 403], `${verb} ${file}`).toContain(status);
    }
    expect((await tell('GET', '/', 'op=LISTSTATUS')).status).toBe(200);
    expect((await tell('DELETE', '/large', 'op=DELETE')).status).toBe(200);
    await expect.poll(() => statfsSync(mock.folder).bavail).toBeGreaterThan(256);
    expect((await tell('PUT', '/again', 'op=CREATE', 'again')).status).toBe(201);
    expect(String((await tell('GET', '/again', 'op=OPEN')).body)).toBe('again');
    for (let index = 0; index < made; index += 1) {
      expect((await tell('GET', `/small/f${index}`, 'op=OPEN')).body.length, `f${index}`).toBe(5000);
    }
  },
);

function smallDisk(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hdfs-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}
