import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInBrowser } from '../../src/platform/browser.ts';

let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(path.join(tmpdir(), 'devenv-browser-'));
});
afterEach(async () => {
  await rm(bin, { recursive: true });
});

test('a browser gets the name of a page, as an address of a file', async () => {
  await opener('xdg-open');
  expect(await openInBrowser('/a folder/page.html', env({ DISPLAY: ':0' }), 'linux')).toBe(true);
  expect(await words()).toBe('file:///a%20folder/page.html\n');
});

test("Windows' browser gets the path, which its opener translates", async () => {
  await opener('wslview');
  expect(await openInBrowser('/a folder/page.html', env({ WSL_DISTRO_NAME: 'Debian' }), 'linux')).toBe(true);
  expect(await words()).toBe('/a folder/page.html\n');
});

test('where there is no display nothing is opened', async () => {
  await opener('xdg-open');
  expect(await openInBrowser('/page.html', env({}), 'linux')).toBe(false);
});

async function opener(name: string): Promise<void> {
  const file = path.join(bin, name);
  await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$@" >'${path.join(bin, 'words')}'\n`);
  await chmod(file, 0o755);
}

function words(): Promise<string> {
  return readFile(path.join(bin, 'words'), 'utf8');
}

function env(more: Record<string, string>): Record<string, string> {
  return { PATH: `${bin}:/usr/bin:/bin`, ...more };
}
