import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  hadoopClassPath,
  type JavaProgram,
  type RealHdfs,
  startJava,
  startRealHdfs,
} from './support/hadoop.ts';
import { type MockHdfs, startMockHdfs } from './support/mockHdfs.ts';

// Hadoop's own shell says to the mock through `hdfs://` what it says to real HDFS, and prints the same.

const VERSIONS = ['3.3.6', '3.4.1'];
const CONTENTS = 'first\nsecond\nthird\n';
const USER = os.userInfo().username;

let folder: string;
let real: RealHdfs | undefined;
let mock: MockHdfs | undefined;
const shells: JavaProgram[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'fs-shell-'));
  await writeFile(path.join(folder, 'local.txt'), CONTENTS);
  await writeFile(path.join(folder, 'packed.gz'), gzipSync('was packed\n'));
  mock = await startMockHdfs();
  real = await startRealHdfs(await hadoopClassPath('pom.xml', '3.4.1'));
});

afterEach(async () => {
  await Promise.all(shells.splice(0).map((shell) => shell.end()));
});

afterAll(async () => {
  await mock?.close();
  await real?.end();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test.each(VERSIONS)('FsShell %s does to the mock what it does to real HDFS', async (version) => {
  const classPath = await hadoopClassPath('client.xml', version);
  const [ours, theirs] = [
    shellFor(classPath, mock!.port, 'hdfs'),
    shellFor(classPath, real!.port, 'webhdfs'),
  ];
  for (const command of SCRIPT) {
    const [one, other] = await Promise.all([
      tell(ours, command, version, 'ours'),
      tell(theirs, command, version, 'theirs'),
    ]);
    expect(one, command.join(' ')).toEqual(other);
  }
  expect(await readFile(path.join(folder, `got-${version}-ours-copied`), 'utf8')).toBe(CONTENTS);
});

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly complaints: string;
}

/** By `hdfs://` on the mock, as projects have it; by its own scheme on real HDFS, where that would mean RPC. */
function shellFor(classPath: string, port: number, scheme: string): JavaProgram {
  const settings = [
    `fs.defaultFS=${scheme}://127.0.0.1:${port}`,
    'fs.hdfs.impl=org.apache.hadoop.hdfs.web.WebHdfsFileSystem',
    'fs.permissions.umask-mode=027',
    'fs.trash.interval=60',
    'dfs.replication=2',
  ];
  const shell = startJava(classPath, 'ShellCommands.java', settings, { HADOOP_USER_NAME: USER, TZ: 'UTC' });
  shells.push(shell);
  return shell;
}

async function tell(
  shell: JavaProgram,
  command: readonly string[],
  version: string,
  whose: string,
): Promise<Outcome> {
  const words = command.map((word) =>
    word
      .replaceAll('HERE', folder)
      .replaceAll('GOT', path.join(folder, `got-${version}-${whose}`))
      .replaceAll('BASE', `/v${version}`),
  );
  const [code = '', output = '', complaints = ''] = (await shell.ask(words.join('\t'))).split('\t');
  return {
    code: Number(code),
    output: normalize(output, version, whose),
    complaints: normalize(complaints, version, whose),
  };
}

function normalize(text: string, version: string, whose: string): string {
  return text
    .replaceAll('\\n', '\n')
    .split('\n')
    .filter((line) => !/^\d{4}-\d\d-\d\d [\d:,]+ (INFO|WARN|DEBUG)|SLF4J|log4j:/.test(line))
    .join('\n')
    .replaceAll(/(web)?hdfs:\/\/127\.0\.0\.1:\d+/g, 'FS')
    .replaceAll(`-${version}-${whose}`, '')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'TIME')
    .replaceAll(/\b1\d{12}\b/g, 'TIME');
}

const SCRIPT: readonly (readonly string[])[] = [
  ['-mkdir', '-p', 'BASE/a/b', 'BASE/c'],
  ['-mkdir', 'BASE/a'],
  ['-mkdir', 'BASE/no/parent'],
  ['-put', 'HERE/local.txt', 'BASE/a/f.txt'],
  ['-put', 'HERE/local.txt', 'BASE/a/f.txt'],
  ['-put', '-f', 'HERE/local.txt', 'BASE/a/f.txt'],
  ['-put', 'HERE/local.txt', 'BASE/c'],
  ['-put', '-', 'BASE/a/stdin', '<HERE/local.txt'],
  ['-put', 'HERE/packed.gz', 'BASE/a/packed.gz'],
  ['-ls', 'BASE/a'],
  ['-ls', '-R', '-h', 'BASE'],
  ['-ls', '-C', 'BASE/a'],
  ['-ls', '-d', 'BASE/a'],
  ['-ls', '-S', '-r', 'BASE/a'],
  ['-ls', 'BASE/nope'],
  ['-ls', 'BASE/a/*.txt'],
  ['-cat', 'BASE/a/f.txt'],
  ['-cat', 'BASE/nope'],
  ['-text', 'BASE/a/packed.gz'],
  ['-head', 'BASE/a/f.txt'],
  ['-tail', 'BASE/a/f.txt'],
  ['-test', '-e', 'BASE/a/f.txt'],
  ['-test', '-e', 'BASE/nope'],
  ['-test', '-d', 'BASE/a'],
  ['-test', '-f', 'BASE/a'],
  ['-test', '-z', 'BASE/a/f.txt'],
  ['-test', '-r', 'BASE/a/f.txt'],
  ['-test', '-w', 'BASE/a/f.txt'],
  ['-appendToFile', '-', 'BASE/a/stdin', '<HERE/local.txt'],
  ['-du', 'BASE/a'],
  ['-du', '-s', '-h', 'BASE'],
  ['-count', 'BASE'],
  ['-count', '-q', '-v', 'BASE/a'],
  ['-count', '-u', 'BASE/a'],
  ['-stat', '%a %A %b %F %g %n %o %r %u', 'BASE/a/f.txt'],
  ['-stat', '%F %n', 'BASE/a'],
  ['-checksum', 'BASE/a/f.txt'],
  ['-chmod', '640', 'BASE/a/f.txt'],
  ['-chmod', '-R', 'u+x,o-rwx', 'BASE/c'],
  ['-chown', 'alice:staff', 'BASE/a/f.txt'],
  ['-chgrp', '-R', 'wheel', 'BASE/c'],
  ['-ls', '-R', 'BASE'],
  ['-setrep', '3', 'BASE/a/f.txt'],
  ['-setrep', '3', 'BASE/nope'],
  ['-touchz', 'BASE/a/empty'],
  ['-touchz', 'BASE/a/f.txt'],
  ['-touch', '-t', '20200102:030405', 'BASE/a/empty'],
  ['-stat', '%Y', 'BASE/a/empty'],
  ['-mv', 'BASE/a/f.txt', 'BASE/c/moved'],
  ['-mv', 'BASE/nope', 'BASE/c/x'],
  ['-cp', 'BASE/c/moved', 'BASE/a/copied'],
  ['-cp', 'BASE/c/moved', 'BASE/a/copied'],
  ['-cp', '-f', '-p', 'BASE/c/moved', 'BASE/a/copied'],
  ['-ls', 'BASE/a'],
  ['-put', 'HERE/local.txt', 'BASE/a/name with spaces, ż and 日 100%'],
  ['-ls', 'BASE/a'],
  ['-cat', 'BASE/a/name with spaces, ż and 日 100%'],
  ['-mkdir', 'BASE/a/date=2026-01-01+x'],
  ['-mv', 'BASE/a/date=2026-01-01+x', 'BASE/a/k=a b+c'],
  ['-find', 'BASE', '-name', '*o*'],
  ['-getmerge', '-nl', 'BASE/a/stdin', 'GOT-merged'],
  ['-setfacl', '-m', 'user:carla:r-x,default:group:dev:rwx', 'BASE/c'],
  ['-getfacl', 'BASE/c'],
  ['-mkdir', 'BASE/c/inherits'],
  ['-getfacl', '-R', 'BASE/c'],
  ['-setfacl', '-x', 'user:carla', 'BASE/c'],
  ['-setfacl', '-b', 'BASE/c'],
  ['-getfacl', 'BASE/c'],
  ['-setfattr', '-n', 'user.origin', '-v', 'here', 'BASE/a/copied'],
  ['-getfattr', '-d', 'BASE/a/copied'],
  ['-getfattr', '-n', 'user.none', 'BASE/a/copied'],
  ['-setfattr', '-x', 'user.origin', 'BASE/a/copied'],
  ['-truncate', '-w', '6', 'BASE/a/stdin'],
  ['-truncate', '600', 'BASE/a/stdin'],
  ['-createSnapshot', 'BASE/a', 's1'],
  ['-get', 'BASE/a/copied', 'GOT-copied'],
  ['-get', 'BASE/a/copied', 'GOT-copied'],
  ['-get', 'BASE/c', 'GOT-folder'],
  ['-rmdir', 'BASE/a'],
  ['-rmdir', 'BASE/a/b'],
  ['-rm', 'BASE/a'],
  ['-rm', 'BASE/a/copied'],
  ['-rm', '-skipTrash', 'BASE/a/empty'],
  ['-rm', 'BASE/nope'],
  ['-rm', '-f', 'BASE/nope'],
  ['-rm', '-r', 'BASE/c'],
  ['-ls', '-R', `/user/${USER}/.Trash/CurrentBASE`],
  ['-expunge', '-immediate'],
  ['-rm', '-r', '-skipTrash', 'BASE'],
  ['-ls', 'BASE'],
  ['-nonsense'],
];
