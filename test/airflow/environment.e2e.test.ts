import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Environment, ensureEnvironment, repairEnvironment } from '../../src/airflow/environment.ts';
import { verifyEnvironment } from '../../src/airflow/environmentManifest.ts';
import { runCommand } from '../../src/platform/childProcess.ts';
import { testContext, type TestContext } from './testContext.ts';

// Builds real environments from the package index; the tests go on from where the one before ended.
const MINUTES = 60_000;
const request = { airflowVersion: '3.3.2', requirements: [] };
let context: TestContext;
let environment: Environment;
const children: ChildProcess[] = [];

beforeAll(async () => {
  // The ambient variable is common in containers and must not keep us from storing bytecode.
  context = await testContext({
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    AIRFLOW_DEVENV_CACHE: undefined,
  });
});

afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(context.cache, { recursive: true, force: true, maxRetries: 5 });
});

describe('a first run', { timeout: 5 * MINUTES }, () => {
  test('is killed in the middle of the installation', async () => {
    const { child, lines } = startWorker();
    for await (const line of lines) {
      if (line.includes('"environment.install"')) break;
    }
    child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'exit');
    expect(await environments()).toEqual([expect.stringMatching(/^\.building-/)]);
  });

  test('and two more at once make one environment, and none of the leftovers stay', async () => {
    const results = await Promise.all([startWorker(), startWorker()].map(({ lines }) => collect(lines)));
    const ends = results.map((events) => events.at(-1) as unknown as { environment: Environment });
    environment = ends[0]!.environment;
    expect(ends[1]?.environment).toEqual(environment);
    const ids = results.map((events) => new Set(events.map((event) => event.id)));
    expect(ids.filter((set) => set.has('environment.create'))).toHaveLength(1);
    const codes = results.map((events) => new Set(events.map((event) => event.code)));
    expect(codes.filter((set) => set.has('waits_for_lock'))).toHaveLength(1);
    expect(await environments()).toEqual([path.basename(environment.directory)]);
  });

  test('leaves an Airflow that works where it was renamed to, with its bytecode', async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'airflow-home-'));
    const env = { PATH: process.env['PATH'], AIRFLOW_HOME: home };
    const airflow = await runCommand(path.join(environment.directory, 'bin', 'airflow'), ['version'], {
      env,
    });
    expect(airflow.stdout.trim().split('\n').at(-1)).toBe('3.3.2');
    expect(environment.pythonVersion).toMatch(/^3\.1[12]\.\d+$/);
    const pattern = 'lib/python*/site-packages/airflow/__pycache__/configuration.*.pyc';
    const compiled = globSync(path.join(environment.directory, pattern));
    expect(compiled).toHaveLength(1);
    // The place it was built in is in none of the files that name places.
    expect(await readFile(compiled[0]!, 'latin1')).toContain(environment.directory);
    expect(await readFile(path.join(environment.directory, 'bin', 'airflow'), 'utf8')).not.toContain(
      '.building',
    );
    await rm(home, { recursive: true, force: true });
  });
});

/** The same environment, and yet another: what has loaded it before is not to be used. */
function expectOther(found: Environment): void {
  expect(found).toEqual({ ...environment, stamp: expect.any(String) as string });
  expect(found.stamp).not.toBe(environment.stamp);
}

describe('a project with one more package', { timeout: 5 * MINUTES }, () => {
  const withRequirement = async (text: string) => {
    const file = path.join(context.cache, 'requirements.txt');
    await writeFile(file, text);
    return ensureEnvironment(context, { ...request, requirements: [file] });
  };
  const configuration = (made: Environment) =>
    globSync(path.join(made.directory, 'lib/python*/site-packages/airflow/configuration.py'))[0]!;
  const importing = (made: Environment, module: string) =>
    runCommand(made.python, ['-c', `import ${module}`], { env: {}, allowFailure: true });

  test('has an environment made from the one that is there, which stays as it was', async () => {
    // Its modules may still be compiled in the background, hence the retries below.
    const made = await withRequirement('cowsay==6.1\n');
    expect(statSync(configuration(made)).ino).toBe(statSync(configuration(environment)).ino);
    expect(await importing(made, 'cowsay')).toMatchObject({ exitCode: 0 });
    expect(await importing(environment, 'cowsay')).toMatchObject({ exitCode: 1 });
    expect(await verifyEnvironment(environment)).toEqual({ missing: [], changed: [] });
    await rm(environment.directory, { recursive: true, maxRetries: 20 });
    const other = await withRequirement('humanize==4.9.0\n');
    expect(statSync(configuration(other)).ino).toBe(statSync(configuration(made)).ino);
    expect(await importing(other, 'humanize')).toMatchObject({ exitCode: 0 });
    // Not even its folder is left, which Python would import without complaint.
    expect(await importing(other, 'cowsay')).toMatchObject({ exitCode: 1 });
    for (const each of [made, other]) await rm(each.directory, { recursive: true, maxRetries: 20 });
    environment = await ensureEnvironment(context, request);
  });
});

describe('a later run', { timeout: 5 * MINUTES }, () => {
  test('needs no network, starts nothing, and emits nothing', async () => {
    const offline = await testContext({
      ...process.env,
      AIRFLOW_DEVENV_CACHE: context.cache,
      UV_OFFLINE: '1',
      HTTPS_PROXY: 'http://127.0.0.1:1',
    });
    expect(await ensureEnvironment(offline, request)).toEqual(environment);
    const times: number[] = [];
    for (let index = 0; index < 20; index += 1) {
      const started = performance.now();
      await ensureEnvironment(offline, request);
      times.push(performance.now() - started);
    }
    expect(offline.events).toEqual([]);
    expect(times.toSorted((left, right) => left - right)[10]).toBeLessThan(3);
  });

  test('takes a package that somebody added for no damage', async () => {
    const added = path.join(sitePackages(), 'added_by_hand');
    await writeFile(added, '');
    const before = context.events.length;
    expectOther(await ensureEnvironment(context, request));
    expect(existsSync(added)).toBe(true);
    expect(context.events).toHaveLength(before);
    await rm(added);
    expect(await ensureEnvironment(context, request)).toEqual(environment);
  });

  test('makes the environment anew when half of it is gone', async () => {
    const packages = await readdir(sitePackages());
    for (const name of packages.slice(0, packages.length / 2)) {
      await rm(path.join(sitePackages(), name), { recursive: true, force: true, maxRetries: 20 });
    }
    expectOther(await ensureEnvironment(context, request));
    expect(await verifyEnvironment(environment)).toEqual({ missing: [], changed: [] });
    expect(context.events).toContainEqual(expect.objectContaining({ type: 'message', level: 'warning' }));
    expect(await environments()).toEqual([path.basename(environment.directory)]);
  });

  test('with a damage deep inside is repaired on demand', async () => {
    // Renamed first: uv's cache may share the file, and must not be damaged by a test.
    const file = path.join(sitePackages(), 'airflow', 'models', 'dag.py');
    await rm(file);
    await writeFile(file, 'broken');
    expect((await verifyEnvironment(environment)).changed).toHaveLength(1);
    expectOther(await repairEnvironment(context, request));
    expect(await verifyEnvironment(environment)).toEqual({ missing: [], changed: [] });
  });
});

describe('requirements of the project', { timeout: 5 * MINUTES }, () => {
  test('are installed against the lock, which stays as it is', async () => {
    const file = path.join(context.cache, 'requirements.txt');
    await writeFile(file, 'cowsay\nrequests\n');
    const own = await ensureEnvironment(context, { ...request, requirements: [file] });
    expect(own.fingerprint).not.toBe(environment.fingerprint);
    const script =
      'import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))';
    const installed = async (python: string) =>
      JSON.parse((await runCommand(python, ['-c', script], { env: {} })).stdout) as Record<string, string>;
    const { cowsay, ...locked } = await installed(own.python);
    expect(cowsay).toMatch(/^\d/);
    expect(locked).toEqual(await installed(environment.python));
  });

  test('that do not fit are named with their line, and leave nothing behind', async () => {
    const before = await environments();
    const file = path.join(context.cache, 'conflict.txt');
    await writeFile(file, 'cowsay\nalembic==1.0.0\n');
    await expect(ensureEnvironment(context, { ...request, requirements: [file] })).rejects.toMatchObject({
      code: 'requirements_conflict',
      location: { file, line: 2 },
      why: expect.stringContaining('alembic==1.0.0'),
    });
    expect(await environments()).toEqual(before);
  });
});

const sitePackages = () => globSync(path.join(environment.directory, 'lib/python*/site-packages'))[0]!;

async function environments(): Promise<readonly string[]> {
  const names = await readdir(path.join(context.cache, 'environments'));
  return names.filter((name) => !name.endsWith('.lock'));
}

function startWorker() {
  const worker = path.join(import.meta.dirname, 'ensureWorker.ts');
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--experimental-strip-types', worker, request.airflowVersion],
    {
      env: context.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

async function collect(
  lines: AsyncIterable<string>,
): Promise<readonly { type: string; id?: string; code?: string }[]> {
  const events = [];
  for await (const line of lines) events.push(JSON.parse(line) as { type: string; id?: string });
  return events;
}
