import { mkdirSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { projectTrust } from '../../src/trust/projectTrust.ts';
import { settingNeeds } from '../../src/trust/settingNeeds.ts';
import { readNeed, runNeed, type TrustNeed } from '../../src/trust/trustNeed.ts';
import { addTrust, listTrust, readTrust, revokeTrust } from '../../src/trust/trustStore.ts';

let root = '';
let cache = '';
beforeEach(async () => {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-trust-')));
  [root, cache] = [path.join(folder, 'project'), path.join(folder, 'cache')];
  await mkdir(path.join(root, 'seed'), { recursive: true });
});

function context(env: Record<string, string> = {}) {
  return {
    env: { AIRFLOW_DEVENV_CACHE: cache, ...env },
    platform: process.platform,
    now: () => 0,
    signal: new AbortController().signal,
  };
}

async function program(words: readonly string[], env: Record<string, string> = {}): Promise<TrustNeed> {
  const folder = path.join(root, 'seed');
  return runNeed({ root, env }, { what: words.join(' '), words, folder, place: { file: 's.yaml' } });
}

async function reads(name: string): Promise<string | undefined> {
  return (await readNeed({ root }, path.join(root, name), { file: 's.yaml' }))?.what;
}

test('files of the project need no trust; what lies outside does, also behind a link', async () => {
  await symlink('/etc', path.join(root, 'etc'));
  await symlink('/etc/hostname', path.join(root, 'seed/name'));
  expect(await reads('seed/key.txt')).toBeUndefined();
  expect(await reads('..namelike.txt')).toBeUndefined();
  expect(await reads('seed/name')).toBe('/etc/hostname');
  expect(await reads('etc/not/there')).toBe('/etc/not/there');
  expect(await reads('../secret')).toBe(path.join(path.dirname(root), 'secret'));
});

test('what a person has said yes to is allowed, until it is another program', async () => {
  await writeFile(path.join(root, 'seed/get.sh'), 'echo 1');
  const asked = await program(['./get.sh', 'x']);
  expect((await projectTrust(context(), root)).allows(asked)).toBe(false);
  await addTrust(context(), root, [asked.digest]);
  const trust = await projectTrust(context(), root);
  expect(trust.allows(await program(['./get.sh', 'x']))).toBe(true);
  expect(trust.allows(await program(['./get.sh', 'y']))).toBe(false);
  expect(trust.allows(await program(['./get.sh', 'x'], { VAULT_ADDR: 'http://elsewhere' }))).toBe(false);
  await writeFile(path.join(root, 'seed/get.sh'), 'echo 2');
  expect(trust.allows(await program(['./get.sh', 'x']))).toBe(false);
  expect((await projectTrust(context(), `${root}-copy`)).allows(asked)).toBe(false);
});

test('trust is added to at the same time, listed, and taken back', async () => {
  const digests = Array.from({ length: 8 }, (_, index) => `digest-${index}`);
  await Promise.all(digests.map((each) => addTrust(context(), root, [each])));
  expect(new Set((await readTrust(context(), root))?.needs)).toEqual(new Set(digests));
  expect((await listTrust(context())).map((each) => each.root)).toEqual([root]);
  expect([await revokeTrust(context(), root), await revokeTrust(context(), root)]).toEqual([true, false]);
  expect(await listTrust(context())).toEqual([]);
});

test('a record that others may write says nothing', async () => {
  await addTrust(context(), root, ['a']);
  const folder = path.join(cache, 'trust');
  const [name = ''] = await readdir(folder);
  await chmod(path.join(folder, name), 0o666);
  expect(await readTrust(context(), root)).toBeUndefined();
});

test.each([
  ['all', true],
  ['', false],
  ['/elsewhere', false],
  ['PARENT', true],
  ['/elsewhere:PARENT', true],
  ['PARENT/proj', false],
])('AIRFLOW_DEVENV_TRUST=%s allows: %s', async (value, allowed) => {
  const env = { AIRFLOW_DEVENV_TRUST: value.replace('PARENT', path.dirname(root)) };
  expect((await projectTrust(context(env), root)).allows(await program(['id']))).toBe(allowed);
});

test('a relative path in AIRFLOW_DEVENV_TRUST is a mistake', async () => {
  const trust = projectTrust(context({ AIRFLOW_DEVENV_TRUST: 'here' }), root);
  await expect(trust).rejects.toMatchObject({ code: 'trust_variable_invalid', misuse: true });
});

test('settings that have Python or a loader run other code are needs, others are not', () => {
  const env = { LD_PRELOAD: './x.so', PYTHONPATH: 'x', TEAM: 'data', AIRFLOW__SMTP__SMTP_PASSWORD_CMD: 'id' };
  const config = { 'core.fernet_key_cmd': 'id', 'core.parallelism': '4' };
  const airflow = { version: '3.3.2', env, config } as unknown as Parameters<
    typeof settingNeeds
  >[0]['airflow'];
  const found = settingNeeds({ airflow, configFile: undefined, root, repositories: [] });
  expect(found.map(({ what }) => what)).toEqual([
    'airflow.env.LD_PRELOAD: ./x.so',
    'airflow.env.PYTHONPATH: x',
    'airflow.env.AIRFLOW__SMTP__SMTP_PASSWORD_CMD: id',
    'airflow.config.core.fernet_key_cmd: id',
  ]);
});

test('settings with which Airflow reads other settings or imports what they name are needs', () => {
  const env = {
    AIRFLOW_CONFIG: 'airflow.cfg',
    AIRFLOW_HOME: '.',
    AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS: 'own.LOGGING',
    AIRFLOW__LOGGING__LOGGING_LEVEL: 'DEBUG',
    AIRFLOW__SECRETS__BACKEND: 'own.Backend',
    AIRFLOW_VAR_TEAM: 'data',
  };
  const config = {
    'logging.logging_config_class': 'own.LOGGING',
    'secrets.backend': 'own.Backend',
    'workers.secrets_backend': 'own.Backend',
    'database.sql_alchemy_connect_args': 'own.ARGS',
    'database.sql_alchemy_pool_size': '4',
  };
  const airflow = { version: '3.3.2', env, config } as unknown as Parameters<
    typeof settingNeeds
  >[0]['airflow'];
  const found = settingNeeds({ airflow, configFile: undefined, root, repositories: [] });
  expect(found.map(({ what }) => what)).toEqual([
    'airflow.env.AIRFLOW_CONFIG: airflow.cfg',
    'airflow.env.AIRFLOW_HOME: .',
    'airflow.env.AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS: own.LOGGING',
    'airflow.env.AIRFLOW__SECRETS__BACKEND: own.Backend',
    'airflow.config.logging.logging_config_class: own.LOGGING',
    'airflow.config.secrets.backend: own.Backend',
    'airflow.config.workers.secrets_backend: own.Backend',
    'airflow.config.database.sql_alchemy_connect_args: own.ARGS',
  ]);
});

test('a folder of plugins needs trust when it has the settings that Airflow imports at every start', () => {
  const airflow = { version: '3.3.2', env: {}, config: { 'core.plugins_folder': 'own' } };
  const pluginsFolders = ['plugins', 'more', 'not-there'].map((name) => path.join(root, name));
  const repositories = [{ pluginsFolders }];
  const project = { airflow, configFile: undefined, root, repositories } as unknown as Parameters<
    typeof settingNeeds
  >[0];
  for (const folder of pluginsFolders.slice(0, 2)) mkdirSync(folder);
  for (const name of ['airflow_local_settings.py', 'operators.py'])
    writeFileSync(path.join(root, 'plugins', name), '');
  expect(settingNeeds(project).map(({ what }) => what)).toEqual([
    'airflow.config.core.plugins_folder: own',
    `plugins: ${path.join(root, 'plugins/airflow_local_settings.py')}`,
  ]);
});
