import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Project } from '../../src/config/project.ts';
import { resolveItems } from '../../src/seed/resolveItems.ts';
import { projectResolver } from '../../src/seed/resolver.ts';
import { seedNeeds } from '../../src/seed/seedNeeds.ts';
import { readSources } from '../../src/seed/seedSources.ts';
import { addTrust } from '../../src/trust/trustStore.ts';

let root = '';
let context: Parameters<typeof seedNeeds>[0] & { now: () => number };
beforeEach(async () => {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-needs-')));
  root = path.join(folder, 'project');
  await mkdir(path.join(root, 'seed'), { recursive: true });
  context = {
    env: { PATH: process.env['PATH'], HOME: folder, AIRFLOW_DEVENV_CACHE: path.join(folder, 'cache') },
    platform: process.platform,
    signal: new AbortController().signal,
    now: () => 0,
  };
  await writeFile(path.join(folder, '.netrc'), 'password');
  await writeFile(path.join(root, 'seed/key.txt'), 'inside');
  await writeFile(
    path.join(root, 'seed/variables.yaml'),
    [
      'variables:',
      '  plain: exec of nothing',
      '  a: exec:sh -c "echo ran > ran"',
      '  nested: {deep: [exec:sh -c "echo ran > ran", "file:~/.netrc"]}',
      '  inside: file:key.txt',
      '  literal: "literal:exec:id"',
      'connections:',
      '  c: {conn_type: http, password: pass:team/api}',
    ].join('\n'),
  );
});

function project(): Project {
  return { root, seed: undefined, airflow: { env: {} } } as unknown as Project;
}

async function resolved() {
  const resolver = projectResolver(context, project(), () => {});
  return resolveItems(resolver, (await readSources(project(), resolver)).items);
}

test('what the seed files would run and read outside is named once each, and not done', async () => {
  const needs = await seedNeeds(context, project());
  expect(needs.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
    'run exec:sh -c "echo ran > ran"',
    `read ${path.join(path.dirname(root), '.netrc')}`,
    'run pass:team/api',
  ]);
  expect(needs[0]?.place.line).toBe(3);
  expect(existsSync(path.join(root, 'seed/ran'))).toBe(false);
});

test('what is not trusted is not looked up, and each item says so', async () => {
  const { items, problems } = await resolved();
  const told = problems.map(({ item, error }) => `${item?.name} ${error.code}`);
  expect(told.toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
    'a not_trusted',
    'c not_trusted',
    'nested not_trusted',
    'nested not_trusted',
  ]);
  expect(items.map(({ name }) => name)).toEqual(['plain', 'inside', 'literal']);
  expect(existsSync(path.join(root, 'seed/ran'))).toBe(false);
});

test('what was trusted is looked up; what comes later is asked for by itself', async () => {
  const needs = await seedNeeds(context, project());
  await addTrust(
    context,
    root,
    needs.map(({ digest }) => digest),
  );
  await writeFile(path.join(root, 'seed/pools.yaml'), 'p: {slots: 1, description: "exec:id"}\n');
  const { problems } = await resolved();
  const told = problems.map(({ item, error }) => `${item?.name} ${error.code}`);
  expect(told.toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
    'c seed_command_failed',
    'p not_trusted',
  ]);
  expect(existsSync(path.join(root, 'seed/ran'))).toBe(true);
});

test('a seed file that is a link out of the project is not opened before it is trusted', async () => {
  const outside = path.join(path.dirname(root), 'outside.yaml');
  await writeFile(outside, 'a: "exec:id"\n');
  await symlink(outside, path.join(root, 'seed/connections.yaml'));
  const found = async () => (await seedNeeds(context, project())).map(({ kind, what }) => `${kind} ${what}`);
  expect(await found()).toContain(`read ${outside}`);
  expect(await found()).not.toContain('run exec:id');
});
