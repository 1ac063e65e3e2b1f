import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  utimes,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeOtherUser } from './support/otherUser.ts';

// ./devenv in a clone of its own, from nothing; each test goes on from where the one before ended.
const root = path.resolve(import.meta.dirname, '../..');
let home: string;
let clone: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'devenv-launcher-'));
  clone = path.join(home, 'a clone');
  await mkdir(clone);
  for (const name of ['devenv', 'scripts', 'src', 'build.mjs', 'package.json', 'package-lock.json']) {
    await cp(path.join(root, name), path.join(clone, name), { recursive: true, preserveTimestamps: true });
  }
});

afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

describe('in a fresh clone', () => {
  test('the first run is killed while it installs', async () => {
    const child = spawn(path.join(clone, 'devenv'), ['--version'], {
      cwd: clone,
      env: environment(),
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    for await (const text of child.stderr) if (String(text).includes('Installing packages')) break;
    process.kill(-child.pid!, 'SIGKILL');
    await once(child, 'exit');
    expect(await readlink(path.join(clone, '.launcher/lock'))).toMatch(new RegExp(`^${child.pid}-\\d+$`));
  });

  test('two more at once take over, and only one of them installs and builds', async () => {
    const results = await Promise.all([run(['--version']), run(['--version'])]);
    const said = results.map((result) => result.stderr).join('');
    expect(results.map((result) => result.stdout)).toEqual([await version(), await version()]);
    expect(said.match(/Installing packages/g)).toHaveLength(1);
    expect(said.match(/Building devenv/g)).toHaveLength(1);
  });

  test('the next run does nothing but start the program', async () => {
    expect(await run(['--version'])).toEqual({ stdout: await version(), stderr: '' });
  });
});

describe('in a clone that was used', () => {
  test('a call through a link, from elsewhere, finds the clone', async () => {
    const link = path.join(home, 'link');
    await symlink('a clone/devenv', link);
    const { stdout } = await promisify(execFile)(link, ['--version'], { cwd: '/', env: environment() });
    expect(stdout).toBe(await version());
  });

  test('a changed source is built once', async () => {
    await utimes(path.join(clone, 'src/version.ts'), new Date(), new Date());
    expect((await run(['--version'])).stderr).toBe('Building devenv…\n');
    expect((await run(['--version'])).stderr).toBe('');
  });

  test('a lock file with another date and the same contents installs nothing', async () => {
    await utimes(path.join(clone, 'package-lock.json'), new Date(), new Date());
    expect((await run(['--version'])).stderr).toBe('');
  });

  test('what does not build is told with the reason, and built when it is mended', async () => {
    const file = path.join(clone, 'src/main.ts');
    await rename(file, `${file}.away`);
    await expect(run(['--version'])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /Could not resolve "\.\/main\.ts"[\s\S]*error: devenv could not be built\./,
      ),
    });
    await rename(`${file}.away`, file);
    expect((await run(['--version'])).stdout).toBe(await version());
  });

  test("another user's own devenv runs from it, and says whose it is where something had to be built", async () => {
    using user = makeOtherUser();
    for (const folder of [home, clone]) await chmod(folder, 0o755);
    const bin = path.join(home, 'reachable');
    await mkdir(bin);
    await copyFile(process.execPath, path.join(bin, 'node'));
    const words = ['-c', 'PATH="$1:$PATH" AIRFLOW_DEVENV_CACHE="$1/none" exec "$0" --version'];
    const asUser = () => user.run('sh', [...words, path.join(clone, 'devenv'), bin]);
    expect(await asUser()).toBe(await version());
    await utimes(path.join(clone, 'src/version.ts'), new Date(), new Date());
    await expect(asUser()).rejects.toThrow(
      /error: Can't build devenv in .*: it belongs to another user[\s\S]*Ask root to run .*devenv --version/,
    );
    expect((await run(['--version'])).stdout).toBe(await version());
  });

  test('a cache in which others can replace programs is not run from', async () => {
    const cache = path.join(home, 'open cache');
    await mkdir(cache);
    await chmod(cache, 0o777);
    await rm(path.join(clone, '.launcher/node'));
    const env = { ...environment(), PATH: '/usr/bin:/bin', AIRFLOW_DEVENV_CACHE: cache };
    const result = run(['--version'], env);
    // A system whose own Node is new enough needs none of the cache.
    const known = /open cache can't be trusted/;
    await result.then(
      ({ stdout }) => expect(stdout).not.toBe(''),
      ({ stderr }: { stderr: string }) => expect(stderr).toMatch(known),
    );
    await run(['--version']);
  });

  test('a machine without node and npm gets one clear error', async () => {
    await rm(path.join(clone, '.launcher/node'));
    const bin = path.join(home, 'bin');
    await mkdir(bin);
    for (const tool of ['sh', 'find', 'readlink', 'uname', 'mkdir', 'rm', 'mv']) {
      const { stdout } = await promisify(execFile)('sh', ['-c', `command -v ${tool}`]);
      await symlink(stdout.trim(), path.join(bin, tool));
    }
    const env = { ...environment(), PATH: bin, AIRFLOW_DEVENV_CACHE: path.join(home, 'empty cache') };
    await expect(run(['--version'], env)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^error: Node\.js 22\.12 or newer is needed, and npm to install the rest\.\n/,
      ),
    });
  });
});

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_ENV: 'production' };
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = environment(),
): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(path.join(clone, 'devenv'), args, { cwd: clone, env });
}

async function version(): Promise<string> {
  const { version: text } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return `${text}\n`;
}
