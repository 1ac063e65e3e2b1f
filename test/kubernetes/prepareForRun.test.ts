import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Project } from '../../src/config/project.ts';
import type { ProgressEvent } from '../../src/events.ts';
import { prepareClusterForRun } from '../../src/kubernetes/prepareForRun.ts';
import { SETTINGS } from './support/settings.ts';

test('without an engine a run begins all the same, and says which places were tried', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'no-engine-'));
  const events: ProgressEvent[] = [];
  const context = {
    env: { DOCKER_HOST: `unix://${root}/docker.sock` },
    platform: 'linux' as const,
    workingDirectory: root,
    now: Date.now,
    emit: (event: ProgressEvent) => events.push(event),
    signal: AbortSignal.timeout(20_000),
  };
  const project = { root, stateDirectory: path.join(root, '.devenv'), kubernetes: SETTINGS } as Project;
  await prepareClusterForRun(context, project);
  expect(events.at(-1)).toMatchObject({
    type: 'message',
    level: 'warning',
    text: expect.stringContaining('everything else works'),
  });
});
