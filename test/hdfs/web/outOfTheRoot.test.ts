import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mockHdfsForTest } from '../support/mockHdfs.ts';
import { ask } from '../support/webHdfsRequest.ts';

const SECRET = 'what nobody may see';

/** Ways to say "one folder up" that some server somewhere has believed. */
const WAYS_UP = [
  '..',
  '%2e%2e',
  '.%2e',
  '%2E.',
  '%252e%252e',
  '..%00',
  '..%5c',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '..;',
  '%u002e%u002e',
  '....',
  '\u00ff\u00fe..',
];

test('no path leads out of the root, in whatever encoding', async () => {
  const outside = await folderWithSecret();
  const mock = await mockHdfsForTest({ root: path.join(outside, 'in/root'), superuser: 'root' });
  const before = await everythingIn(outside);
  for (const up of WAYS_UP) {
    for (const slash of ['/', '%2f', '%5c', '//', '/./']) {
      const target = `${slash}${up}${slash}${up}${slash}secret`;
      for (const start of ['', '/', '/a', `/a${slash}b`]) {
        const file = `/webhdfs/v1${start}${target}`;
        expect(
          await raw(mock.port, `GET ${file}?op=OPEN&namenoderpcaddress=x&user.name=root`),
          file,
        ).not.toContain(SECRET);
        await raw(mock.port, `PUT ${file}2?op=CREATE&namenoderpcaddress=x&user.name=root`);
        await raw(mock.port, `PUT ${file}3?op=MKDIRS&user.name=root`);
        await raw(mock.port, `DELETE ${file}?op=DELETE&recursive=true&user.name=root`);
        await raw(mock.port, `PUT ${file}?op=RENAME&destination=/stolen&user.name=root`);
        await raw(mock.port, `PUT /webhdfs/v1/a?op=RENAME&destination=${start}${target}4&user.name=root`);
      }
    }
  }
  expect((await everythingIn(outside)).filter((name) => !name.startsWith('in/root/'))).toEqual(
    before.filter((name) => !name.startsWith('in/root/')),
  );
  expect(await readFile(path.join(outside, 'secret'), 'utf8')).toBe(SECRET);
});

test('links in the folder of the data lead nowhere', async () => {
  const outside = await folderWithSecret();
  const root = path.join(outside, 'in/root');
  const mock = await mockHdfsForTest({ root, superuser: 'root' });
  const at = (verb: 'GET' | 'PUT' | 'POST' | 'DELETE', file: string, query: string, body?: string) =>
    ask(mock.address, {
      verb,
      path: file,
      query: `${query}&user.name=root`,
      ...(body === undefined ? {} : { body }),
    });
  await at('PUT', '/known/secret', 'op=CREATE', 'ours');
  await symlink(outside, path.join(root, 'folder'));
  await symlink(path.join(outside, 'secret'), path.join(root, 'file'));
  await rename(path.join(root, 'known'), path.join(root, 'moved'));
  await symlink(outside, path.join(root, 'known'));
  for (const file of ['/folder/secret', '/file', '/known/secret']) {
    expect(String((await at('GET', file, 'op=OPEN')).body), file).not.toContain(SECRET);
    expect(String((await at('GET', file, 'op=GETFILECHECKSUM')).body), file).not.toContain('MD5');
    await at('POST', file, 'op=APPEND', 'x');
    await at('POST', file, 'op=TRUNCATE&newlength=0');
    await at('PUT', file, 'op=CREATE&overwrite=true', 'x');
    await at('PUT', file, 'op=SETTIMES&modificationtime=5');
    await at('DELETE', file, 'op=DELETE');
  }
  for (const folder of ['/folder', '/known']) {
    expect(String((await at('GET', folder, 'op=LISTSTATUS')).body), folder).not.toContain('"secret"');
    await at('PUT', `${folder}/new`, 'op=MKDIRS');
    await at('PUT', '/moved/secret', `op=RENAME&destination=${folder}/stolen`);
    await at('DELETE', folder, 'op=DELETE&recursive=true');
  }
  expect(await readFile(path.join(outside, 'secret'), 'utf8')).toBe(SECRET);
  expect(await readdir(outside)).toEqual(['in', 'secret']);
});

async function folderWithSecret(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'hdfs-outside-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, 'in'));
  await writeFile(path.join(folder, 'secret'), SECRET);
  return folder;
}

async function everythingIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

/** A request as it stands, byte for byte. */
async function raw(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => (answer += String(bytes)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(
      Buffer.from(
        `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        'latin1',
      ),
    );
  });
}
