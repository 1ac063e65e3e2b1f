import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/events.ts';
import { withAnnouncedLock } from '../../src/platform/announcedLock.ts';
import { withFileLock } from '../../src/platform/fileLock.ts';

test('who waits for a lock says within seconds for what, which process holds it since when, and what frees it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'announced-'));
  const file = path.join(folder, 'lock');
  const { signal } = new AbortController();
  const told = Promise.withResolvers<ProgressEvent>();
  const context = { signal, platform: process.platform, emit: told.resolve };
  await withFileLock(file, { signal }, async () => {
    const waiting = withAnnouncedLock(
      context,
      file,
      'another devenv that prepares the database',
      async () => 'done',
    );
    expect(await told.promise).toMatchObject({
      type: 'message',
      code: 'waits_for_lock',
      text: expect.stringMatching(
        new RegExp(
          String.raw`^Waiting for another devenv that prepares the database: process ${process.pid} \(.+\), ` +
            String.raw`since \d\d:\d\d:\d\d\. It goes on when that is done; kill ${process.pid} ends it\.$`,
        ),
      ) as string,
    });
    return { waiting };
  }).then(async ({ waiting }) => expect(await waiting).toBe('done'));
  await rm(folder, { recursive: true });
});
