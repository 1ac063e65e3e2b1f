import process from 'node:process';
import { connectToEngine } from '../../src/runtimes/docker/connectToEngine.ts';
import { DevenvError } from '../../src/errors.ts';

/** What tests of a cluster lack on this machine, as one sentence; undefined when they can run. */
export async function missingForCluster(): Promise<string | undefined> {
  try {
    await connectToEngine({ env: process.env, platform: process.platform });
  } catch (error) {
    if (!(error instanceof DevenvError)) throw error;
    return `${error.what} ${error.why ?? ''}`;
  }
  return process.env['DEVENV_TEST_NODE_IMAGE'] === undefined
    ? 'DEVENV_TEST_NODE_IMAGE names no image of a kind node that the engine has.'
    : undefined;
}

/** What tests that act as another user lack on this machine. */
export async function missingForOtherUser(): Promise<string | undefined> {
  return process.getuid?.() === 0 ? undefined : 'Only root can act as another user of the machine.';
}
