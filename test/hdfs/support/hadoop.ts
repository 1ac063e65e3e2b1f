import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const JAVA_FOLDER = path.resolve(import.meta.dirname, '../java');

/** Jersey's classes look into Java's own. */
const OPENED = '--add-opens=java.base/java.lang=ALL-UNNAMED';

/**
 * The class path of Hadoop's jars, which Maven finds and keeps as it is configured on this machine.
 *
 * @param pom a file of `test/hdfs/java`.
 */
export async function hadoopClassPath(pom: string, version: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'hadoop-'));
  const file = path.join(folder, 'classpath');
  try {
    await run('mvn', [
      '--quiet',
      '--batch-mode',
      '--file',
      path.join(JAVA_FOLDER, pom),
      'dependency:build-classpath',
      `-Dhadoop.version=${version}`,
      `-Dmdep.outputFile=${file}`,
    ]);
    return (await readFile(file, 'utf8')).trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface JavaProgram {
  /** Sends a line, and waits for one. */
  ask(line: string): Promise<string>;
  /** Its next line. */
  line(): Promise<string>;
  end(): Promise<void>;
}

/** Runs a program of `test/hdfs/java`, given as source, on a class path. */
export function startJava(
  classPath: string,
  source: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): JavaProgram {
  const words = ['-Xmx1g', OPENED, '-cp', classPath, path.join(JAVA_FOLDER, source), ...args];
  const child = spawn('java', words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let [complaints, pending, failure] = ['', '', undefined as Error | undefined];
  const lines: string[] = [];
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  const fail = (error: Error): void => {
    failure = error;
    for (const each of waiting.splice(0)) each.reject(error);
  };
  child.stderr.on('data', (bytes: Buffer) => (complaints = (complaints + String(bytes)).slice(-4000)));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (pending + text).split('\n');
    pending = parts.pop() ?? '';
    for (const part of parts) {
      const next = waiting.shift();
      if (next === undefined) lines.push(part);
      else next.resolve(part);
    }
  });
  child.on('error', (error) => fail(new Error(`Java does not start: ${error.message}`)));
  const closed = new Promise<void>((resolve) => {
    child.on('close', (code) => {
      fail(new Error(`${source} has ended with ${code}:\n${complaints}`));
      resolve();
    });
  });
  const line = async (): Promise<string> => {
    const ready = lines.shift();
    if (ready !== undefined) return ready;
    if (failure !== undefined) throw failure;
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  };
  return {
    line,
    async ask(text) {
      child.stdin.write(`${text}\n`);
      return line();
    },
    async end() {
      child.stdin.end();
      await closed;
    },
  };
}

/** Real HDFS in one process. */
export interface RealHdfs {
  /** Of WebHDFS, as `http://127.0.0.1:40000`. */
  readonly address: string;
  readonly port: number;
  end(): Promise<void>;
}

export async function startRealHdfs(classPath: string): Promise<RealHdfs> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'real-hdfs-'));
  const program = startJava(classPath, 'RealHdfs.java', [folder]);
  const end = async (): Promise<void> => {
    await program.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ready = /^ready (\d+) \d+$/.exec(await program.line());
    expect(ready).not.toBeNull();
    const port = Number(ready![1]);
    return { address: `http://127.0.0.1:${port}`, port, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, args, { maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { code, message, stdout } = error as NodeJS.ErrnoException & { stdout?: string };
    if (code === 'ENOENT') {
      throw new Error(`These tests need ${program} (and a JDK), which is not installed.`, { cause: error });
    }
    throw new Error(`${message}\n${stdout ?? ''}`, { cause: error });
  }
}
