import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { openShell, type TestShell } from '../support/shell.ts';

// What real Hadoop prints was compared with these, command by command (docs/hdfs.md).

let shell: TestShell;

beforeEach(async () => {
  shell = await openShell({ 'fs.trash.interval': '0' });
  await mkdir(path.join(shell.folder, 'local/sub'), { recursive: true });
  await writeFile(path.join(shell.folder, 'local/a.csv'), 'a,b\n1,2\n');
  await writeFile(path.join(shell.folder, 'local/sub/b.txt'), 'x'.repeat(1500));
  await shell.run('mkdir -p /user/alice');
});

test('folders and files go there and come back', async () => {
  expect(await shell.run('put local in')).toEqual({ code: 0, out: '', err: '' });
  expect((await shell.run('ls -C -R in')).out).toBe('in/a.csv\nin/sub\nin/sub/b.txt\n');
  expect((await shell.run('get in back')).code).toBe(0);
  expect(await readFile(path.join(shell.folder, 'back/sub/b.txt'), 'utf8')).toBe('x'.repeat(1500));
  expect((await shell.run('put - in/stdin', 'from a pipe')).code).toBe(0);
  expect((await shell.run('cat in/stdin in/a.csv')).out).toBe('from a pipea,b\n1,2\n');
  expect((await shell.run('getmerge -nl in merged')).code).toBe(0);
  expect(await readFile(path.join(shell.folder, 'merged'), 'utf8')).toBe('a,b\n1,2\n\nfrom a pipe\n');
});

test('a link to a folder around it is told, and the rest is put', async () => {
  await symlink('..', path.join(shell.folder, 'local/sub/loop'));
  const { code, err } = await shell.run('put local in');
  expect(code).toBe(1);
  expect(err).toMatch(/^put: `.*\/local\/sub\/loop': is a link to .*\/local, a folder that it lies in\n$/);
  expect((await shell.run('ls -C -R in')).out).toContain('in/sub/b.txt\n');
});

test('a listing has Hadoop’s columns', async () => {
  await shell.run('put local /in');
  const line = /^-rw-r--r-- {3}1 \S+ \S+ {10}8 \d{4}-\d\d-\d\d \d\d:\d\d \/in\/a\.csv$/m;
  const { out } = await shell.run('ls /in');
  expect(out).toMatch(/^Found 2 items\n/);
  expect(out).toMatch(line);
  expect(out).toMatch(/^drwxr-xr-x {3}- \S+ \S+ {10}0 .* \/in\/sub$/m);
  expect((await shell.run('ls -h /in/sub')).out).toMatch(/ {5}1\.5 K /);
  expect((await shell.run('ls -d hdfs://analytics-hadoop/in')).out).toMatch(
    / hdfs:\/\/analytics-hadoop\/in\n$/,
  );
  expect((await shell.run('ls /in/{a,z}*')).out).toMatch(/\/in\/a\.csv\n$/);
});

test('what is there already, missing or of another kind is told in Hadoop’s words', async () => {
  await shell.run('put local /in');
  const cases: readonly (readonly [string, number, string])[] = [
    ['ls /nope', 1, "ls: `/nope': No such file or directory"],
    ['ls /no*', 1, "ls: `/no*': No such file or directory"],
    ['mkdir /in', 1, "mkdir: `/in': File exists"],
    ['mkdir /a/b', 1, "mkdir: `hdfs://analytics-hadoop/a': No such file or directory"],
    ['put local/a.csv /in', 1, "put: `/in/a.csv': File exists"],
    ['put nope /in', 1, "put: `nope': No such file or directory"],
    ['put local/a.csv /x/y', 1, "put: `/x/y': No such file or directory: `hdfs://analytics-hadoop/x/y'"],
    ['cat /in', 1, "cat: `/in': Is a directory"],
    ['rm /in', 1, "rm: `/in': Is a directory"],
    ['rmdir /in', 1, "rmdir: `/in': Directory is not empty"],
    ['touchz /in/a.csv', 1, "touchz: `/in/a.csv': Not a zero-length file"],
    ['mv /nope /y', 1, "mv: `/nope': No such file or directory"],
    ['mv /in/a.csv /in/sub/b.txt', 1, "mv: `/in/sub/b.txt': File exists"],
    ['chmod bad /in', 255, "-chmod: chmod : mode 'bad' does not match the expected pattern."],
    ['ls -x', 255, '-ls: Illegal option -x'],
    ['mkdir', 255, '-mkdir: Not enough arguments: expected 1 but got 0'],
    ['foo', 255, '-foo: Unknown command'],
  ];
  for (const [line, code, message] of cases) {
    const ran = await shell.run(line);
    expect({ line, code: ran.code, err: ran.err.split('\n')[0] }).toEqual({ line, code, err: message });
  }
});

test('one path that fails does not keep the others from being worked on', async () => {
  await shell.run('put local /in');
  const ran = await shell.run('cat /nope /in/a.csv');
  expect(ran).toEqual({ code: 1, out: 'a,b\n1,2\n', err: "cat: `/nope': No such file or directory\n" });
});

test('a nameservice that is not the project’s is named, as Hadoop names it', async () => {
  const { run } = await openShell();
  expect((await run('ls hdfs://Analytics-Hadoop:8020/ hdfs:/// hdfs://localhost/')).err).toBe('');
  const { code, err } = await run('ls hdfs://archive/a');
  expect(code).toBe(255);
  expect(err).toMatch(/^-ls: java\.net\.UnknownHostException: archive \(this HDFS is analytics-hadoop\)\n/);
});

test('a question is answered by the exit code', async () => {
  await shell.run('put local /in');
  const codes = await each(
    [
      '-e /in',
      '-e /nope',
      '-d /in',
      '-d /in/a.csv',
      '-f /in/a.csv',
      '-z /in/a.csv',
      '-s /in/a.csv',
      '-r /in',
    ],
    (line) => shell.run(`test ${line}`),
  );
  expect(codes.map(({ code }) => code)).toEqual([0, 1, 0, 1, 0, 1, 0, 0]);
});

test('sizes and counts are those of the files', async () => {
  await shell.run('put local /in');
  expect((await shell.run('du /in')).out).toBe('8     8     /in/a.csv\n1500  1500  /in/sub\n');
  expect((await shell.run('du -s -h /in')).out).toBe('1.5 K  1.5 K  /in\n');
  expect((await shell.run('count /in')).out).toBe('           2            2               1508 /in\n');
  expect((await shell.run('stat %F:%n:%b:%r /in/a.csv')).out).toBe('regular file:a.csv:8:1\n');
  expect((await shell.run('df')).out).toMatch(
    /^Filesystem +Size +Used +Available +Use%\nhdfs:\/\/analytics-hadoop /,
  );
  expect((await shell.run('find /in -name *.txt')).out).toBe('/in/sub/b.txt\n');
  expect((await shell.run('tail /in/sub/b.txt')).out).toBe('x'.repeat(1024));
  expect((await shell.run('head /in/a.csv')).out).toBe('a,b\n1,2\n');
  expect((await shell.run('checksum /in/a.csv')).out).toMatch(
    /^\/in\/a\.csv\tMD5-of-0MD5-of-512CRC32C\t[\da-f]{56}\n$/,
  );
});

test('copies, moves and changes', async () => {
  await shell.run('put local /in');
  expect(await shell.run('cp /in /copy')).toEqual({ code: 0, out: '', err: '' });
  expect((await shell.run('cp /in /in')).err).toBe("cp: `/in' to `/in/in': is a subdirectory of itself\n");
  await shell.run('mv /copy/a.csv /copy/moved.csv');
  expect((await shell.run('ls -C -R /copy')).out).toBe('/copy/moved.csv\n/copy/sub\n/copy/sub/b.txt\n');
  await shell.run('chmod -R o-rx,g+w /copy');
  await shell.run('chown -R bob:staff /copy');
  expect((await shell.run('stat %a:%u:%g /copy/sub')).out).toBe('770:bob:staff\n');
  expect((await shell.run('setrep 2 /copy')).out).toBe(
    'Replication 2 set: /copy/moved.csv\nReplication 2 set: /copy/sub/b.txt\n',
  );
  await shell.run('touch -t 20260131:070509 /copy/new');
  expect((await shell.run('stat %Y /copy/new')).out).toBe(`${new Date(2026, 0, 31, 7, 5, 9).getTime()}\n`);
  await shell.run('appendToFile local/a.csv local/a.csv /copy/new');
  expect((await shell.run('truncate 5 /copy/new')).out).toMatch(
    /^Truncat(?:ed|ing) \/copy\/new to length: 5/,
  );
  expect((await shell.run('cat /copy/new')).out).toBe('a,b\n1');
  expect((await shell.run('rm -r -skipTrash /copy')).out).toBe('Deleted /copy\n');
});

test('a folder with many files of one name pattern is removed by it', async () => {
  await shell.run('put local /in');
  await shell.run('cp /in/a.csv /in/b.csv');
  expect((await shell.run('rm /in/*.csv')).out).toBe('Deleted /in/a.csv\nDeleted /in/b.csv\n');
  expect((await shell.run('rm -f /in/*.csv')).code).toBe(0);
  expect((await shell.run('rm /in/*.csv')).code).toBe(1);
});

test('with a trash, what is removed is moved there', async () => {
  const other = await openShell({ 'fs.trash.interval': '60' });
  await other.run('mkdir -p /a/b');
  const { err } = await other.run('rm -r /a/b');
  expect(err).toContain(
    "Moved: 'hdfs://analytics-hadoop/a/b' to trash at: hdfs://analytics-hadoop/user/alice/.Trash/Current/a/b",
  );
  expect((await other.run('test -d /user/alice/.Trash/Current/a/b')).code).toBe(0);
  expect((await other.run('rm -r /user/alice/.Trash/Current/a')).out).toMatch(/^Deleted/);
});

test('text takes compression away', async () => {
  await writeFile(path.join(shell.folder, 'h.gz'), gzipSync('hello\n'));
  await shell.run('put h.gz /h.gz');
  expect((await shell.run('text /h.gz')).out).toBe('hello\n');
  await shell.run('put - /plain', 'plain\n');
  expect((await shell.run('text /plain')).out).toBe('plain\n');
});

test('access control lists and extended attributes are set and shown', async () => {
  await shell.run('put local /in');
  expect((await shell.run('setfacl -m user:carla:rwx /in')).err).toBe('');
  const { out } = await shell.run('getfacl /in');
  expect(out).toContain('user::rwx\nuser:carla:rwx\ngroup::r-x\nmask::rwx\nother::r-x\n');
  expect((await shell.run('ls -d /in')).out).toMatch(/^drwxrwxr-x\+/);
  expect((await shell.run('setfattr -n user.k -v v1 /in')).err).toBe('');
  expect((await shell.run('getfattr -d /in')).out).toBe('# file: /in\nuser.k="v1"\n');
});

test('a tree shows what is where', async () => {
  await shell.run('put local /in');
  expect((await shell.run('tree /in')).out).toBe('/in\n├── a.csv  8\n└── sub/\n    └── b.txt  1500\n');
  expect((await shell.run('tree -L 1 /in')).out).toBe('/in\n├── a.csv  8\n└── sub/\n');
});

test('a local file that is moved is gone here', async () => {
  await shell.run('mkdir /in');
  expect((await shell.run('moveFromLocal local/a.csv /in')).code).toBe(0);
  expect((await shell.run('cat /in/a.csv')).out).toBe('a,b\n1,2\n');
  await expect(readFile(path.join(shell.folder, 'local/a.csv'))).rejects.toThrow('ENOENT');
});

async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
