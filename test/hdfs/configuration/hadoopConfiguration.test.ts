import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { hadoopEnvironment } from '../../../src/hdfs/configuration/hadoopEnvironment.ts';
import { hadoopUser } from '../../../src/hdfs/configuration/hadoopUser.ts';
import { readHadoopXml } from '../../../src/hdfs/configuration/hadoopXml.ts';
import { writeHadoopConfiguration } from '../../../src/hdfs/configuration/writeHadoopConfiguration.ts';
import { withHadoop } from '../../../src/hdfs/projectEnvironment.ts';
import { context, makeProject, type TestProject } from '../support/hdfsProject.ts';

const PLACE = { address: '127.70.1.2', ports: [9870, 8020, 50_070] };
const write = ({ stateDirectory, hdfs }: TestProject, place = PLACE) =>
  writeHadoopConfiguration({ stateDirectory, settings: hdfs, place, user: 'alice' });

test('the nameservice leads to the project’s own server, over WebHDFS', async () => {
  const project = await makeProject();
  const { directory, nameservice, hdfscli } = await write(project);
  expect(nameservice).toBe('analytics-hadoop');
  expect(await site(directory, 'core-site.xml')).toMatchObject({
    'fs.defaultFS': 'hdfs://analytics-hadoop',
    'fs.hdfs.impl': 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme',
    'fs.viewfs.overload.scheme.target.hdfs.impl': 'org.apache.hadoop.hdfs.web.WebHdfsFileSystem',
    'fs.viewfs.mounttable.analytics-hadoop.linkFallback': 'hdfs://127.70.1.2:9870/',
    'hadoop.user.group.static.mapping.overrides': 'alice=alice',
  });
  expect(await readFile(hdfscli, 'utf8')).toContain('url = http://127.70.1.2:9870\nuser = alice\n');
});

test('production’s files are overlaid, without what belongs to its machines', async () => {
  const project = await makeProject();
  const given = path.join(project.root, 'prod');
  await mkdir(given);
  await writeFile(
    path.join(given, 'core-site.xml'),
    xml({
      'fs.defaultFS': 'hdfs://prod-hadoop/',
      'fs.permissions.umask-mode': '027',
      'fs.trash.interval': '43200',
      'hadoop.security.authentication': 'kerberos',
      'hadoop.rpc.protection': 'privacy',
      'io.file.buffer.size': '131072',
    }),
  );
  await writeFile(
    path.join(given, 'hdfs-site.xml'),
    xml({
      'dfs.nameservices': 'prod-hadoop',
      'dfs.ha.namenodes.prod-hadoop': 'a,b',
      'dfs.namenode.http-address.prod-hadoop.a': 'a.example.org:50070',
      'dfs.client.failover.proxy.provider.prod-hadoop': 'x.Y',
      'dfs.namenode.kerberos.principal': 'hdfs/_HOST@EXAMPLE.ORG',
      'dfs.replication': '3',
      'dfs.blocksize': '268435456',
    }),
  );
  await writeFile(path.join(given, 'log4j.properties'), 'log4j.rootLogger=WARN');
  const { directory, nameservice } = await write(withConf(project, given));
  expect(nameservice).toBe('prod-hadoop');
  expect(await site(directory, 'core-site.xml')).toMatchObject({
    'fs.defaultFS': 'hdfs://prod-hadoop',
    'fs.permissions.umask-mode': '027',
    'fs.trash.interval': '43200',
    'hadoop.security.authentication': 'simple',
    'io.file.buffer.size': '131072',
  });
  expect(await site(directory, 'core-site.xml')).not.toHaveProperty(['hadoop.rpc.protection']);
  expect(await site(directory, 'hdfs-site.xml')).toEqual({
    'dfs.replication': '3',
    'dfs.blocksize': '268435456',
  });
  expect((await readdir(directory)).toSorted()).toEqual([
    'core-site.xml',
    'devenv',
    'hdfs-site.xml',
    'log4j.properties',
  ]);
  await write(project);
  expect((await readdir(directory)).toSorted()).toEqual(['core-site.xml', 'devenv', 'hdfs-site.xml']);
});

test('a single file counts as core-site.xml, and devenv.yaml has the last word on the name', async () => {
  const project = await makeProject({ nameservice: 'mine' });
  const file = path.join(project.root, 'hadoop.xml');
  await writeFile(file, xml({ 'fs.defaultFS': 'hdfs://theirs', 'a.b': 'c' }));
  const { directory, nameservice } = await write(withConf(project, file));
  expect(nameservice).toBe('mine');
  expect(await site(directory, 'core-site.xml')).toMatchObject({ 'a.b': 'c', 'fs.defaultFS': 'hdfs://mine' });
});

test('a file is written only when it would change', async () => {
  const project = await makeProject();
  const { directory } = await write(project);
  const file = path.join(directory, 'core-site.xml');
  const before = (await stat(file)).ino;
  await write(project);
  expect((await stat(file)).ino).toBe(before);
  await write(project, { address: '127.70.1.3', ports: PLACE.ports });
  expect((await stat(file)).ino).not.toBe(before);
});

test('a file that can’t be read is named', async () => {
  const project = await makeProject();
  const failing = write(withConf(project, path.join(project.root, 'missing.xml')));
  await expect(failing).rejects.toMatchObject({ code: 'hdfs_conf_unreadable' });
});

const PARTS = {
  stateDirectory: '/p/.devenv',
  place: PLACE,
  nameservice: 'prod',
  user: 'alice',
  ownConnections: new Set<string>(),
};

test('tasks find programs, configuration, connections and the nameservice', () => {
  const environment = hadoopEnvironment({ PATH: '/venv/bin:/usr/bin' }, PARTS);
  expect(environment).toMatchObject({
    PATH: '/p/.devenv/bin:/venv/bin:/usr/bin',
    HADOOP_CONF_DIR: '/p/.devenv/hadoop/conf',
    HADOOP_USER_NAME: 'alice',
    HDFSCLI_CONFIG: '/p/.devenv/hadoop/hdfscli.cfg',
    AIRFLOW_DEVENV_HDFS: 'prod 127.70.1.2 9870 8020 50070',
    PYTHONPATH: expect.stringMatching(/airflow\/python\/startup$/),
  });
  expect(JSON.parse(environment['AIRFLOW_CONN_WEBHDFS_DEFAULT'] ?? '')).toEqual({
    conn_type: 'webhdfs',
    host: '127.70.1.2',
    port: 9870,
    login: 'alice',
  });
  expect(JSON.parse(environment['FSSPEC_WEBHDFS'] ?? '')).toMatchObject({
    host: '127.70.1.2',
    user: 'alice',
  });
});

test('what a person has set stays', () => {
  const given = {
    PATH: '/bin',
    PYTHONPATH: '/mine',
    HADOOP_CONF_DIR: '/etc/hadoop/conf',
    AIRFLOW_CONN_WEBHDFS_DEFAULT: 'webhdfs://elsewhere',
  };
  const environment = hadoopEnvironment(given, PARTS);
  expect(environment).toMatchObject({
    HADOOP_CONF_DIR: '/etc/hadoop/conf',
    AIRFLOW_CONN_WEBHDFS_DEFAULT: 'webhdfs://elsewhere',
  });
  expect(environment['PYTHONPATH']).toMatch(/startup:\/mine$/);
  expect(hadoopEnvironment(environment, PARTS)).toEqual(environment);
});

test('a connection that a seed file defines is not hidden', async () => {
  const project = await makeProject();
  const seed = path.join(project.root, 'seed.yaml');
  await writeFile(seed, 'connections:\n  webhdfs_default: {conn_type: webhdfs, host: mine}\n');
  const environment = await withHadoop(
    context(),
    { ...project, airflow: { env: {} }, seed: [{ path: seed, namedAt: undefined }] },
    { PATH: '/bin' },
  );
  expect(environment).not.toHaveProperty('AIRFLOW_CONN_WEBHDFS_DEFAULT');
  expect(environment).toHaveProperty('AIRFLOW_CONN_HDFS_DEFAULT');
});

test('a project without hdfs has nothing of it', async () => {
  const { stateDirectory } = await makeProject();
  const environment = { PATH: '/bin' };
  const project = { stateDirectory, seed: undefined, airflow: { env: {} } };
  expect(await withHadoop(context(), project, environment)).toEqual(environment);
});

test('a shell on a machine of a cluster does not lead tasks there, but devenv.yaml may', async () => {
  const project = { ...(await makeProject()), seed: undefined, airflow: { env: {} } };
  const shell = { PATH: '/bin', HADOOP_CONF_DIR: '/etc/hadoop/conf', YARN_CONF_DIR: '/etc/hadoop/conf' };
  const environment = await withHadoop(context(), project, shell);
  expect(environment['HADOOP_CONF_DIR']).toBe(path.join(project.stateDirectory, 'hadoop', 'conf'));
  expect(environment).not.toHaveProperty('YARN_CONF_DIR');
  const meant = { ...project, airflow: { env: { HADOOP_CONF_DIR: '/mine' } } };
  expect((await withHadoop(context(), meant, shell))['HADOOP_CONF_DIR']).toBe('/mine');
});

test('a proxy is not asked for it', () => {
  const environment = hadoopEnvironment({ NO_PROXY: 'localhost,127.0.0.1' }, PARTS);
  expect(environment['NO_PROXY']).toBe('localhost,127.0.0.1,prod,127.70.1.2');
  expect(environment['no_proxy']).toBe(environment['NO_PROXY']);
});

test('the user is the shell’s, else devenv.yaml’s, else who runs devenv', () => {
  expect(hadoopUser({ HADOOP_USER_NAME: 'bob' }, { user: 'carla' })).toBe('bob');
  expect(hadoopUser({}, { user: 'carla' })).toBe('carla');
  expect(hadoopUser({}, undefined)).toMatch(/^[A-Za-z_]/);
});

function withConf(project: TestProject, ...conf: string[]): TestProject {
  return { ...project, hdfs: { ...project.hdfs, conf } };
}

async function site(directory: string, name: string): Promise<Readonly<Record<string, string>>> {
  return readHadoopXml(await readFile(path.join(directory, name), 'utf8'));
}

function xml(properties: Readonly<Record<string, string>>): string {
  const entries = Object.entries(properties).map(
    ([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`,
  );
  return `<configuration>${entries.join('\n')}</configuration>`;
}
