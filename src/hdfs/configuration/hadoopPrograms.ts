import { chmod, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { findProgram } from '../../platform/findProgram.ts';
import { ownProgram } from '../../platform/ownProgram.ts';
import { programsDirectory } from './hadoopEnvironment.ts';
import { makePrivateFolder } from '../../platform/privateFolder.ts';

interface ProgramsOf {
  readonly root: string;
  readonly stateDirectory: string;
  /** `undefined` for the one that is found from the root. */
  readonly configFile?: string | undefined;
}

/** Tells what devenv has written from a program of Hadoop's own. */
const MARK = '# devenv: stands in for Hadoop';

/**
 * Puts `hdfs` and `hadoop` where tasks find them first, for `hdfs dfs -ls` without Hadoop and Java. Where the real one
 * is on PATH there is none of ours.
 */
export async function installHadoopPrograms(
  context: Pick<Context, 'env'>,
  project: ProgramsOf,
): Promise<void> {
  const folder = programsDirectory(project.stateDirectory);
  await makePrivateFolder(folder);
  for (const name of ['hdfs', 'hadoop']) {
    const file = path.join(folder, name);
    const found = await readFile(file, 'utf8').catch(() => undefined);
    if (await hasRealProgram(name, context.env)) {
      if (found !== undefined) await rm(file, { force: true });
      continue;
    }
    const text = script(name, project);
    if (found === text) continue;
    await writeFileAtomic(file, text, 0o755);
    await chmod(file, 0o755);
  }
}

/** Of another project's folder, as in a shell of one inside a shell of the other, it is not the real one. */
async function hasRealProgram(name: string, env: Context['env']): Promise<boolean> {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const program = findProgram(name, { PATH: folder });
    if (program === undefined) continue;
    const head = await readFile(program, 'latin1').catch(() => '');
    if (!head.slice(0, 200).includes(MARK)) return true;
  }
  return false;
}

/** Only where the project is gets told: everything else is looked up when it runs. */
function script(name: string, { root, configFile }: ProgramsOf): string {
  const config = configFile === undefined ? [] : ['--config', configFile];
  const words = [...ownProgram(), ...config, 'hadoop-command', '--root', root, '--', name];
  return `#!/bin/sh\n${MARK}\nexec ${words.map(quote).join(' ')} "$@"\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
