import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { edit } from '../../src/commands/secretsEdit.ts';
import type { SecretsWork } from '../../src/commands/secretsWork.ts';

/** Keeps what a later command would find if the process was killed now; types a mistake first, then takes all back. */
const EDITOR = `#!/bin/sh
count=$(cat passes 2>/dev/null || echo 0)
cp "$(dirname "$1")/owner.json" "owner-$count.json"
echo $((count + 1)) > passes
if [ "$count" = 0 ]; then echo 'a: "typed' > "$1"; else : > "$1"; fi
`;

test('what was typed in one pass of the editor is kept when the next one is killed', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'devenv-secrets-edit-'));
  const identity = await generateX25519Identity();
  await mkdir(path.join(root, 'seed'));
  await writeFile(
    path.join(root, 'seed', 'secrets.age.yaml'),
    `recipients:\n  - ${await identityToRecipient(identity)}\n`,
  );
  await writeFile(path.join(root, 'editor'), EDITOR, { mode: 0o755 });

  expect(await edit(workOfPerson(root, identity))).toBe(0);

  const digests = await Promise.all(
    [0, 1].map(async (pass) => {
      const owner = await readFile(path.join(root, `owner-${pass}.json`), 'utf8');
      return (JSON.parse(owner) as { digest: string }).digest;
    }),
  );
  // Without a digest the text is kept in any case.
  expect(digests).toEqual([expect.stringMatching(/^[\da-f]{64}$/), '']);
});

/** Who presses Enter when asked whether to go on. */
function workOfPerson(root: string, identity: string): SecretsWork {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = new PassThrough();
  stderr.on('data', (text: Buffer) => {
    // Not before the question waits for it.
    if (text.includes('Enter opens the editor again')) setImmediate(() => stdin.write('\n'));
  });
  const env = {
    PATH: process.env['PATH'],
    EDITOR: path.join(root, 'editor'),
    AIRFLOW_DEVENV_RUNTIME: path.join(root, 'r'),
    AIRFLOW_DEVENV_AGE_IDENTITY: identity,
  };
  return {
    context: {
      env,
      platform: process.platform,
      workingDirectory: root,
      signal: new AbortController().signal,
    },
    project: { root, stateDirectory: path.join(root, '.devenv') },
    flags: {},
    commandHost: { host: { stdin, stderr }, onInterrupt: () => () => {}, handOverSignals: () => {} },
    print: () => {},
    note: () => {},
  } as unknown as SecretsWork;
}
