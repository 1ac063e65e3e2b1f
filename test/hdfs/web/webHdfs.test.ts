import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ProxyUser } from '../../../src/hdfs/web/serverSettings.ts';
import { mockHdfsForTest } from '../support/mockHdfs.ts';
import { ask, type WebHdfsRequest } from '../support/webHdfsRequest.ts';

test('the superuser acts as others, who own what they make', async () => {
  const at = await server([]);
  expect(await at('PUT', '/f', 'op=CREATE&user.name=root&doas=alice')).toContain('AccessControlException');
  expect(await at('PUT', '/home', 'op=MKDIRS&permission=777&user.name=root')).toContain('true');
  await at('PUT', '/home/f', 'op=CREATE&user.name=root&doas=alice');
  expect(await at('GET', '/home/f', 'op=GETFILESTATUS&user.name=root')).toContain('"owner":"alice"');
  expect(await at('GET', '/', 'op=GETHOMEDIRECTORY&user.name=root&doas=alice')).toContain('/user/alice');
});

test.each([
  ['without a rule', [], 'User: etl is not allowed to impersonate bob'],
  [
    'for another user',
    [rule({ users: ['alice'], hosts: ['*'] })],
    'User: etl is not allowed to impersonate bob',
  ],
  ['from no host', [rule({ users: ['*'] })], 'Unauthorized connection for super-user: etl from IP 127.0.0.1'],
])('impersonation %s is refused in Hadoop’s words', async (_, rules, message) => {
  const at = await server(rules);
  const answer = await at('GET', '/', 'op=LISTSTATUS&user.name=etl&doas=bob');
  expect(JSON.parse(answer)).toEqual({
    RemoteException: {
      exception: 'AuthorizationException',
      javaClassName: 'org.apache.hadoop.security.authorize.AuthorizationException',
      message,
    },
  });
});

test.each([
  ['that user', rule({ users: ['alice', 'bob'], hosts: ['gateway.prod'] })],
  ['everybody', rule({ users: ['*'], hosts: ['*'] })],
  ['a group, whose members are not known here', rule({ groups: ['analysts'], hosts: ['*'] })],
])('a proxy user may impersonate %s', async (_, allowed) => {
  const at = await server([allowed]);
  expect(await at('GET', '/', 'op=GETHOMEDIRECTORY&user.name=etl&doas=bob')).toContain('/user/bob');
});

test('what a client leaves open is as the settings say now', async () => {
  let defaults = {};
  const mock = await mockHdfsForTest({
    superuser: 'root',
    settings: () => ({ names: [], proxyUsers: [], defaults }),
  });
  const of = async (file: string): Promise<Record<string, unknown>> => {
    await ask(mock.address, { verb: 'PUT', path: file, query: 'op=CREATE&user.name=root', body: 'x' });
    const { body } = await ask(mock.address, { verb: 'GET', path: file, query: 'op=GETFILESTATUS' });
    return (JSON.parse(body.toString()) as { FileStatus: Record<string, unknown> }).FileStatus;
  };
  expect(await of('/a')).toMatchObject({ replication: 3, blockSize: 134_217_728 });
  defaults = { replication: 2, blockSize: 4096 };
  // Of the next connection.
  const other = await mockHdfsForTest({
    superuser: 'root',
    settings: () => ({ names: [], proxyUsers: [], defaults }),
  });
  await ask(other.address, { verb: 'PUT', path: '/b', query: 'op=CREATE&user.name=root', body: 'x' });
  const { body } = await ask(other.address, { verb: 'GET', path: '/b', query: 'op=GETFILESTATUS' });
  expect(body.toString()).toMatch(/"blockSize":4096.*"replication":2/);
});

test.each([
  ['PUT', 'op=RENEWDELEGATIONTOKEN&token=abc', 'Renewal request for unknown token'],
  ['PUT', 'op=CANCELDELEGATIONTOKEN&token=abc', 'Token not found'],
  ['GET', 'op=LISTSTATUS&delegation=abc', "token can't be found in cache"],
  ['PUT', 'op=CREATE&delegation=abc', "token can't be found in cache"],
] as const)('a token that was never given is refused: %s %s', async (verb, query, message) => {
  const at = await server([]);
  expect(JSON.parse(await at(verb, '/', `${query}&user.name=root`))).toEqual({
    RemoteException: {
      exception: 'InvalidToken',
      javaClassName: 'org.apache.hadoop.security.token.SecretManager$InvalidToken',
      message,
    },
  });
});

test.each(['..', '.', '%2e%2e'])(
  'a path with %s in it is not there, and leaves nothing behind',
  async (dots) => {
    const mock = await mockHdfsForTest({ superuser: 'root' });
    await mkdir(path.join(mock.folder, 'a/d/e'), { recursive: true });
    await writeFile(path.join(mock.folder, 'a/f'), 'x');
    const at = asking(mock.address);
    const before = await at('GET', '/a/d', 'op=GETFILESTATUS');
    const listed = await at('GET', '/a', 'op=LISTSTATUS');
    for (const below of [`/a/d/${dots}`, `/a/d/${dots}/f`, `/a/d/${dots}/d`, `/${dots}`, `/${dots}/x`]) {
      for (const [verb, query] of OPERATIONS) {
        const answer = await at(verb, below, `${query}&user.name=root`);
        expect(answer, `${verb} ${below} ${query}`).toMatch(/Exception|"boolean":false/);
      }
    }
    expect(await at('GET', '/a/d', 'op=GETFILESTATUS')).toBe(before);
    expect(await at('GET', '/a', 'op=LISTSTATUS')).toBe(listed);
    expect(await at('GET', '/a/d', 'op=GETCONTENTSUMMARY')).toContain('"directoryCount":2');
  },
);

const OPERATIONS = [
  ['GET', 'op=GETFILESTATUS'],
  ['GET', 'op=LISTSTATUS'],
  ['GET', 'op=OPEN'],
  ['GET', 'op=GETCONTENTSUMMARY'],
  ['GET', 'op=GETACLSTATUS'],
  ['GET', 'op=GETXATTRS'],
  ['GET', 'op=GETFILECHECKSUM'],
  ['GET', 'op=GETFILEBLOCKLOCATIONS'],
  ['GET', 'op=CHECKACCESS&fsaction=r--'],
  ['PUT', 'op=CREATE'],
  ['PUT', 'op=MKDIRS'],
  ['PUT', 'op=RENAME&destination=/other'],
  ['PUT', 'op=SETPERMISSION&permission=700'],
  ['PUT', 'op=SETOWNER&owner=x'],
  ['PUT', 'op=SETTIMES&modificationtime=1'],
  ['PUT', 'op=SETREPLICATION&replication=2'],
  ['PUT', 'op=SETACL&aclspec=user::rwx,group::r--,other::r--'],
  ['PUT', 'op=SETXATTR&xattr.name=user.a&xattr.value=b&flag=CREATE'],
  ['PUT', 'op=ALLOWSNAPSHOT'],
  ['PUT', 'op=SETQUOTA&namespacequota=5'],
  ['POST', 'op=APPEND'],
  ['POST', 'op=CONCAT&sources=/a/f'],
  ['POST', 'op=TRUNCATE&newlength=0'],
  ['DELETE', 'op=DELETE&recursive=true'],
] as const;

function rule(fields: Partial<ProxyUser>): ProxyUser {
  return { user: 'etl', users: [], groups: [], hosts: [], ...fields };
}

async function server(proxyUsers: readonly ProxyUser[]) {
  const mock = await mockHdfsForTest({ superuser: 'root', settings: () => ({ names: [], proxyUsers }) });
  return asking(mock.address);
}

function asking(address: string) {
  return async (verb: WebHdfsRequest['verb'], file: string, query: string): Promise<string> =>
    (await ask(address, { verb, path: file, query })).body.toString();
}
