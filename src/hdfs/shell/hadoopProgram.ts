import { hadoopFiles } from '../configuration/writeHadoopConfiguration.ts';
import { placeUrl } from '../daemon/hdfsPlace.ts';
import { hadoopWords, type HadoopWords } from './hadoopWords.ts';
import { runShell } from './runShell.ts';
import type { ShellSession } from './session.ts';
import { problemText } from './shellProblem.ts';

export type OpenShell = (
  properties: HadoopWords['properties'],
  work: (session: ShellSession) => Promise<number>,
) => Promise<number>;

/**
 * Does what `hdfs` or `hadoop` would, as far as it is about files: the file system shell, and the few questions that
 * scripts ask before they use it.
 *
 * @returns the exit code.
 */
export async function runHadoopProgram(
  program: string,
  [command = '', ...words]: readonly string[],
  open: OpenShell,
): Promise<number> {
  const { properties, rest } = hadoopWords(words);
  return open(properties, async (session) => {
    if (command === 'fs' || command === 'dfs') return fileSystemShell(session, rest);
    const answer = ANSWERS[command];
    if (answer !== undefined) return answer(session, rest);
    session.io.warn(
      `${program}: devenv's stand-in for Hadoop knows no command "${command}". It knows: fs, ${Object.keys(ANSWERS).join(', ')}.`,
    );
    return 1;
  });
}

async function fileSystemShell(session: ShellSession, [first, ...words]: readonly string[]): Promise<number> {
  if (first === undefined) return (await runShell(session, 'usage', [], '-')) || 255;
  if (!first.startsWith('-')) {
    session.io.warn(`${first}: Unknown command`);
    session.io.warn(`Did you mean -${first}?  This command begins with a dash.`);
    return 255;
  }
  return runShell(session, first.slice(1), words, '-');
}

type Answer = (session: ShellSession, words: readonly string[]) => Promise<number>;

const ANSWERS: Readonly<Record<string, Answer>> = {
  async version({ io }) {
    await io.write('Hadoop 3.4.1\nStand-in of airflow-devenv, for the file system shell only\n');
    return 0;
  },
  async classpath({ io, mount }) {
    await io.write(`${hadoopFiles(mount.stateDirectory).directory}\n`);
    return 0;
  },
  getconf,
  dfsadmin,
};

/** `hdfs getconf -confKey <key> | -namenodes | -nnRpcAddresses` */
async function getconf(session: ShellSession, [flag, key = '']: readonly string[]): Promise<number> {
  const { place } = session.mount;
  const values: Readonly<Record<string, string | undefined>> = {
    '-confKey': session.property(key),
    '-namenodes': place.address,
    '-nnRpcAddresses': `${place.address}:${place.ports[1]}`,
  };
  const value = values[flag ?? ''];
  if (value === undefined) session.io.warn(`Configuration ${key} is missing.`);
  else await session.io.write(`${value}\n`);
  return value === undefined ? 255 : 0;
}

/** `hdfs dfsadmin -safemode … | -allowSnapshot <path> | -disallowSnapshot <path> | -report` */
async function dfsadmin(session: ShellSession, [flag = '', path = '']: readonly string[]): Promise<number> {
  const { io, files, mount } = session;
  if (flag === '-safemode') {
    await io.write('Safe mode is OFF\n');
    return 0;
  }
  if (flag === '-report') {
    await io.write(`Live datanodes (1):\n\nName: ${placeUrl(mount.place)}\n`);
    return 0;
  }
  const op = { '-allowSnapshot': 'ALLOWSNAPSHOT', '-disallowSnapshot': 'DISALLOWSNAPSHOT' }[flag];
  if (op === undefined) {
    io.warn(`dfsadmin: devenv's stand-in for Hadoop knows no option "${flag}".`);
    return 255;
  }
  try {
    const item = await session.item(path);
    await files.web.ask('PUT', op, item.path);
    await io.write(`${op === 'ALLOWSNAPSHOT' ? 'Allowing' : 'Disallowing'} snapshot on ${path} succeeded\n`);
    return 0;
  } catch (error) {
    io.warn(`${flag.slice(1)}: ${problemText(error)}`);
    return 255;
  }
}
