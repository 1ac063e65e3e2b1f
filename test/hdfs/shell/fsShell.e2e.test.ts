import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemUser } from '../../../src/hdfs/configuration/hadoopUser.ts';
import { writeHadoopConfiguration } from '../../../src/hdfs/configuration/writeHadoopConfiguration.ts';
import { hadoopClassPath, startJava, type JavaProgram } from '../support/hadoop.ts';
import { openShell, type Ran, type TestShell } from '../support/shell.ts';

// Hadoop's own FsShell, with the configuration that devenv writes, beside devenv's, on the same server: the same
// command lines, each in a folder of its own. `@` is that folder, LOCAL one of the machine, HOME the user's.

const LINES = `
-mkdir -p @/x/y
-mkdir @/q/w
-mkdir @/x
-mkdir -p @/x
-put LOCAL/data @
-put LOCAL/data/a.csv @/data
-put -f LOCAL/data/a.csv @/data
-put LOCAL/nope @/data
-put - @/stdin
-put - @/stdin
-put LOCAL/data/a.csv @/new/a.csv
-put LOCAL/data/a.csv @/newdir/
-cat @/stdin
-cat @/data
-cat @/nope
-ls -C @
-ls -C -R @
-ls -C HOME/@/data/*.csv
-ls -C @/data/{a,h}*
-ls @/zz*
-ls -C hdfs://analytics-hadoopHOME/@
-ls -C hdfs://analytics-hadoop:8020HOME/@/data
-ls -C hdfs://HOME/@/data
-ls /nope
-du @/data
-du -s -h @
-du -v @/data
-count @
-count -q -v @
-count -u -h -v @
-stat %F|%a|%A|%b|%g|%n|%o|%r|%u @/data/a.csv
-stat @/nope
-test -d @
-test -e @/nope
-test -z @/stdin
-test -f @/stdin
-text @/data/h.gz
-tail @/data/sub/b.txt
-checksum @/data/a.csv
-find @ -name *.csv
-find @ -iname A.* -print
-getfacl @/data
-get @/data LOCAL/get_@
-get @/data/a.csv LOCAL/get_@/data/a.csv
-get @/data/a.csv LOCAL/get_@/a.csv
-getmerge -nl @/data LOCAL/merge_@
-mv @/data/a.csv @/moved
-mv @/nope @/moved2
-mv @/moved @/stdin
-cp @/data @/copy
-cp @/data @/copy
-cp @/moved @/stdin
-cp -f @/moved @/stdin
-cp @/data @/data
-ls -R -C @
-chmod 750 @/moved
-chmod u+x,o=r @/moved
-chmod -R g+w @/data
-chmod 755 @/nope
-chown bob @/moved
-chgrp staff @/moved
-stat %a:%u:%g @/moved
-setfacl -m user:carla:rwx,group::r-x @/data
-getfacl -R @/data
-setfacl -b @/data
-setfattr -n user.k -v v1 @/moved
-getfattr -d @/moved
-setfattr -x user.k @/moved
-touchz @/tz
-touchz @/moved
-touchz @/no/tz
-touch -t 20240102:030405 @/tz
-stat %Y @/tz
-setrep 2 @/data
-appendToFile LOCAL/data/a.csv @/tz
-appendToFile - @/tz
-cat @/tz
-truncate 3 @/tz
-rm @/data
-rm @/nope
-rm -f @/nope
-rm @/moved
-rmdir @/data
-rmdir @/x/y
-rmdir @/stdin
-rm -r @/data
-ls -x @
-mkdir
-put
-usage mkdir
`
  .split('\n')
  .filter((line) => line !== '');

const USER = systemUser({});

describe.each(['3.3.6', '3.4.1'])('FsShell of Hadoop %s', (version) => {
  test('says what devenv hdfs says, and does the same', async () => {
    const shell = await openShell({}, USER);
    await fill(shell);
    const hadoop = await startHadoop(shell, version);
    const differences: unknown[] = [];
    for (const line of LINES) {
      const real = normal(await runReal(hadoop, wordsOf(line, 'real', shell)), 'real');
      const words = wordsOf(line, 'ours', shell).join(' ');
      const ours = normal(await shell.run(words.replace(/^-/, ''), 'given\n'), 'ours');
      if (JSON.stringify(ours) !== JSON.stringify(real)) differences.push({ line, real, ours });
    }
    expect(differences).toEqual([]);
  });
});

/** Files to be put there, and the user's home. */
async function fill({ folder, run }: TestShell): Promise<void> {
  await mkdir(path.join(folder, 'data/sub'), { recursive: true });
  await writeFile(path.join(folder, 'data/a.csv'), 'a,b\n1,2\n');
  await writeFile(path.join(folder, 'data/h.gz'), gzipSync('hello\n'));
  await writeFile(path.join(folder, 'data/sub/b.txt'), 'line of text\n'.repeat(300));
  await run(`mkdir -p /user/${USER}`);
}

async function startHadoop({ session }: TestShell, version: string): Promise<JavaProgram> {
  const { place, stateDirectory } = session.mount;
  const settings = { nameservice: undefined, user: undefined, conf: [], seed: [] };
  const { directory } = await writeHadoopConfiguration({ stateDirectory, settings, place, user: USER });
  const jars = await hadoopClassPath('client-pom.xml', version);
  const classPath = `${directory}${path.delimiter}${jars}`;
  const hadoop = startJava(classPath, 'ShellLoop.java', [], { HADOOP_USER_NAME: USER });
  onTestFinished(() => hadoop.end());
  expect(await hadoop.line()).toBe('ready');
  return hadoop;
}

function wordsOf(line: string, folder: string, shell: TestShell): readonly string[] {
  const words = line.replaceAll('@', folder).replaceAll('LOCAL', shell.folder);
  return words.replaceAll('HOME', `/user/${USER}`).split(' ');
}

async function runReal(hadoop: JavaProgram, words: readonly string[]): Promise<Ran> {
  const [code, out = '', err = ''] = (await hadoop.ask(words.join('\t'))).split(' ');
  const decoded = [out, err].map((each) => Buffer.from(each.slice(1), 'base64').toString());
  return { code: Number(code), out: decoded[0] ?? '', err: decoded[1] ?? '' };
}

/** Without the folder, remarks of Hadoop's logging, and the list of all commands that follows some complaints. */
function normal({ code, out, err }: Ran, folder: string): Ran {
  const list =
    /^Usage: hadoop fs \[generic options\]\n[\s\S]*?^command \[genericOptions\] \[commandOptions\]$/gm;
  const said = err
    .replaceAll(list, '')
    .split('\n')
    .filter((line) => !/SLF4J|log4j|WARN|INFO|^$/.test(line))
    .join('\n');
  return { code, out: out.replaceAll(folder, '@'), err: said.replaceAll(folder, '@') };
}
