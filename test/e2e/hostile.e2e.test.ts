import { readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runtimeDirectory } from '../../src/platform/paths.ts';
import { oneTaskDag } from './support/dags.ts';
import { makeOtherUser, type OtherUser } from './support/otherUser.ts';
import { AIRFLOW_LINES, createProject, type TestProject } from './support/project.ts';
import { stackOf, up } from './support/stack.ts';

// Another user of this machine, against a stack that runs and whose folders lie where everybody may enter.
const SCRIPT = path.resolve(import.meta.dirname, 'support/hostile.py');
const ATTEMPTS = [...readFileSync(SCRIPT, 'utf8').matchAll(/^@attempt\("(.+)"\)$/gm)].map(
  ([, name]) => name!,
);

describe.each(AIRFLOW_LINES)('another user of the machine, against Airflow %s', (airflow) => {
  let user: OtherUser;
  let project: TestProject;
  let results: Record<string, string | null>;

  beforeAll(async () => {
    user = makeOtherUser();
    project = await createProject({ airflow, files: { 'dags/one.py': oneTaskDag('one', 'pass') } });
    await openFolders(project);
    await project.write({
      'devenv.yaml': `airflow: {version: ${airflow}}\nhdfs: {}\n`,
      'secret.txt': 'secret',
    });
    await up(project);
    const put = await project.devenv(['hdfs', 'put', 'secret.txt', '/user/root/secret.txt']);
    expect(put.stderr).toBe('');
    const opening = openBrowser(project);
    const answer = await user.run('python3', ['-I', '-'], await scriptFor(project));
    results = JSON.parse(answer) as Record<string, string | null>;
    expect((await opening).code).toBe(0);
  });

  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    user?.[Symbol.dispose]();
  });

  test.each(ATTEMPTS)('gets nothing: %s', (name) => {
    expect(results).toHaveProperty([name], null);
  });

  test('and all of it still runs and is as it was', async () => {
    expect((await stackOf(project)).status).toBe('ready');
    expect((await project.devenv(['hdfs', 'cat', '/user/root/secret.txt'])).stdout).toBe('secret');
    expect((await project.devenv(['hdfs', 'ls', '/user/root'])).stdout.match(/secret\.txt/g)).toHaveLength(1);
    expect((await readdir(project.root)).toSorted()).toEqual(
      ['.devenv', 'bin', 'dags', 'devenv.yaml', 'secret.txt', 'tmp'].toSorted(),
    );
    // Its own key opens what was closed to the other.
    expect((await project.devenv(['api', 'dags'])).code).toBe(0);
  });
});

test('what another user has put into the folder for temporary files is neither run nor filled', async () => {
  using user = makeOtherUser();
  await using project = await createProject({ airflow: '3.3.2', files: {} });
  await openFolders(project);
  const shared = path.join(project.root, 'tmp');
  const cache = path.join(shared, 'node-compile-cache');
  await user.run('mkdir', ['-m', '777', cache]);
  await user.run('mkdir', ['-m', '777', path.join(shared, 'airflow-devenv-0')]);
  const env = { TMPDIR: shared, XDG_RUNTIME_DIR: '', AIRFLOW_DEVENV_RUNTIME: '' };
  expect((await project.devenv(['--help'], { env })).code).toBe(0);
  expect(await readdir(cache)).toEqual([]);
  const status = await project.devenv(['status'], { env });
  expect(status.stderr).toContain("airflow-devenv-0 can't be trusted");
  const foreign = path.join(shared, 'cache');
  await user.run('mkdir', ['-m', '755', foreign]);
  const refused = await project.devenv(['status'], { env: { AIRFLOW_DEVENV_CACHE: foreign } });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("cache can't be trusted") });
});

/** As a home folder often is: others may enter and read; `tmp` is everybody's. */
async function openFolders(project: TestProject): Promise<void> {
  await mkdir(path.join(project.root, 'tmp'));
  await chmod(path.join(project.root, 'tmp'), 0o1777);
  for (const folder of [path.dirname(project.root), project.root]) await chmod(folder, 0o755);
}

/** With a browser that takes its time to start, as they do: what it was started with can be seen meanwhile. */
async function openBrowser(project: TestProject) {
  const bin = path.join(project.root, 'bin');
  await mkdir(bin);
  await writeFile(path.join(bin, 'xdg-open'), '#!/bin/sh\nsleep 20\n', { mode: 0o755 });
  return project.devenv(['open'], {
    env: { DISPLAY: ':0', PATH: `${bin}:${process.env['PATH']}` },
    timeout: 60_000,
  });
}

/** The script reads its targets from standard input, and is itself on it: the other user may not enter our clone. */
async function scriptFor(project: TestProject): Promise<string> {
  const stack = await stackOf(project);
  const runtime = await runtimeDirectory({ env: project.env, platform: process.platform }, project.root);
  const names = await readdir(runtime, { recursive: true });
  const hdfs = new URL(stack.services.find(({ name }) => name === 'hdfs')?.url ?? '');
  const targets = {
    root: project.root,
    runtime,
    sockets: names.filter((name) => /\.sock$|PGSQL\.\d+$/.test(name)).map((name) => path.join(runtime, name)),
    pids: [stack.pid, ...stack.services.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))],
    port: Number(new URL(stack.url ?? '').port),
    hdfs: [hdfs.hostname, Number(hdfs.port)],
    opener: path.join(project.root, 'bin', 'xdg-open'),
  };
  expect(targets.sockets.length, names.join(' ')).toBeGreaterThan(2);
  expect(targets.pids.length).toBeGreaterThan(5);
  const source = await readFile(SCRIPT, 'utf8');
  return source.replace('json.load(sys.stdin)', `json.loads(${JSON.stringify(JSON.stringify(targets))})`);
}
