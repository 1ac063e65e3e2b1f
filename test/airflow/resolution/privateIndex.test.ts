import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnvironmentPlan } from '../../../src/airflow/environmentPlan.ts';
import { solve } from '../../../src/airflow/resolution/solution.ts';
import { ensureUv } from '../../../src/airflow/uv.ts';
import { DevenvError } from '../../../src/errors.ts';
import { packageIndex, type PackageIndex } from '../support/packageIndex.ts';
import { wheel, wheelName } from '../support/wheel.ts';
import { testContext, type TestContext } from '../testContext.ts';

const LOGIN = 'robot:s3cr3t-word';
const HOUSE = { name: 'house-tools', version: '4.2' };

let open: PackageIndex;
let house: PackageIndex;
beforeAll(async () => {
  open = await packageIndex([{ name: 'apache-airflow', version: '2.11.2' }]);
  house = await packageIndex([HOUSE], { login: LOGIN });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

const withLogin = (login: string) => house.url.replace('://', `://${login}@`);

interface Case {
  readonly requirements?: string;
  readonly env?: Record<string, string>;
  readonly prepare?: (context: TestContext) => Promise<void>;
}

async function linesFor({ requirements = 'house-tools\n', env = {}, prepare }: Case) {
  const base = await testContext();
  const own = Object.entries(env).map(([name, value]) => [name, value.replaceAll('CACHE', base.cache)]);
  const context = {
    ...base,
    env: {
      ...base.env,
      ...{ UV_DEFAULT_INDEX: open.url, UV_NO_CACHE: '1', UV_NO_CONFIG: '1', NETRC: '/nowhere' },
      ...(Object.fromEntries(own) as Record<string, string>),
    },
  };
  await prepare?.(context);
  const uv = await ensureUv({ ...context, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } });
  const folder = path.join(context.cache, 'resolution');
  await mkdir(folder);
  const [lock, file] = [path.join(context.cache, 'lock.txt'), path.join(context.cache, 'requirements.txt')];
  await writeFile(lock, 'apache-airflow==2.11.2\n');
  await writeFile(file, requirements.replaceAll('CACHE', context.cache));
  const plan: EnvironmentPlan = {
    airflowVersion: '2.11.2',
    pythonMinor: '3.11',
    lock: { kind: 'named', file: lock },
    requirements: [file],
    wishes: [],
    fingerprint: 'f',
    directory: context.cache,
  };
  return (await solve(context, plan, { uv, python: 'python3', folder })).lines.filter(
    (line) => !line.startsWith('apache-airflow'),
  );
}

describe('a package of an index that asks for a name and a password', { timeout: 120_000 }, () => {
  test.each<[string, () => Case]>([
    [
      'an extra index in the requirements',
      () => ({ requirements: `--extra-index-url ${withLogin(LOGIN)}\nhouse-tools\n` }),
    ],
    ['UV_INDEX', () => ({ env: { UV_INDEX: withLogin(LOGIN) } })],
    [
      'the variables of a named index',
      () => ({
        env: {
          UV_INDEX: `house=${house.url}`,
          UV_INDEX_HOUSE_USERNAME: 'robot',
          UV_INDEX_HOUSE_PASSWORD: 's3cr3t-word',
        },
      }),
    ],
    [
      '.netrc',
      () => ({
        env: { UV_INDEX: house.url, NETRC: 'CACHE/netrc' },
        prepare: ({ cache }) =>
          writeFile(path.join(cache, 'netrc'), 'machine 127.0.0.1 login robot password s3cr3t-word\n', {
            mode: 0o600,
          }),
      }),
    ],
    [
      'the keyring',
      () => ({
        env: {
          UV_INDEX: withLogin('robot'),
          UV_KEYRING_PROVIDER: 'subprocess',
          PATH: `CACHE/bin:${process.env['PATH']}`,
        },
        prepare: async ({ cache }) => {
          await mkdir(path.join(cache, 'bin'));
          await writeFile(path.join(cache, 'bin/keyring'), '#!/bin/sh\necho s3cr3t-word\n');
          await chmod(path.join(cache, 'bin/keyring'), 0o755);
        },
      }),
    ],
  ])('comes with credentials of %s', async (_, given) => {
    expect(await linesFor(given())).toEqual(['house-tools==4.2']);
  });

  test.each<[string, () => Case]>([
    ['no credentials', () => ({ env: { UV_INDEX: house.url } })],
    [
      'wrong ones',
      () => ({ requirements: `--extra-index-url ${withLogin('robot:wr0ng-word')}\nhouse-tools\n` }),
    ],
  ])('is refused with %s, and no error holds what was given', async (_, given) => {
    const error = await linesFor(given()).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(DevenvError);
    expect(error).toMatchObject({ code: 'index_unauthorized' });
    expect(JSON.stringify(error) + String((error as DevenvError).why)).not.toContain('wr0ng-word');
  });
});

describe('what lies on this machine', { timeout: 120_000 }, () => {
  test('a folder of wheels, named by find-links', async () => {
    const lines = await linesFor({
      requirements: '--find-links wheels\nhouse-tools\n',
      prepare: async ({ cache }) => {
        await mkdir(path.join(cache, 'wheels'));
        await writeFile(path.join(cache, 'wheels', wheelName(HOUSE)), wheel(HOUSE));
      },
    });
    expect(lines).toEqual(['house-tools==4.2']);
  });

  test.each([
    ['-e ./sibling', /^-e (?:.*\/)?sibling$/],
    ['house-tools @ git+file://CACHE/sibling', /^house-tools @ git\+file:.*\/sibling@[0-9a-f]{40}$/],
  ])('a sibling repository as %s', async (line, resolved) => {
    const lines = await linesFor({
      requirements: `${line}\n`,
      prepare: ({ cache }) => sourceRepository(path.join(cache, 'sibling')),
    });
    expect(lines).toEqual([expect.stringMatching(resolved)]);
  });
});

/** A Git repository of a project that says in its file what a resolver needs to know. */
async function sourceRepository(folder: string): Promise<void> {
  await mkdir(folder);
  const lines = ['[project]', 'name = "house-tools"', 'version = "4.2"', '[build-system]', 'requires = []'];
  await writeFile(path.join(folder, 'pyproject.toml'), `${lines.join('\n')}\nbuild-backend = "backend"\n`);
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-q', '-m', 'all');
}
