import { readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import type { Environment } from './environment.ts';
import { findInterpreters, minorOf } from './pythonProbe.ts';
import { supportedPythons } from './pythonVersions.ts';

/**
 * The oldest minor version of Python, of those that this Airflow runs on, that can read a file in which the
 * environment's Python found a mistake of syntax. The Pythons on this machine are asked; about those that are newer
 * than all of them, the line tells. Undefined when it is a mistake for every Python.
 *
 * @param line counts from 1.
 */
export async function neededPython(
  context: Context,
  { airflowVersion, pythonVersion }: Pick<Environment, 'airflowVersion' | 'pythonVersion'>,
  file: string,
  line: number,
): Promise<string | undefined> {
  const newer = supportedPythons(airflowVersion)
    .filter((minor) => number(minor) > number(pythonVersion))
    .toSorted((left, right) => number(left) - number(right));
  const found = [
    ...(await findInterpreters(context, newer)),
    ...(await findInterpreters(context, newer, { beside: true })),
  ];
  for (const minor of newer) {
    const interpreter = found.find(({ version }) => minorOf(version) === minor);
    if (interpreter !== undefined && (await reads(context, interpreter.executable, file))) return minor;
  }
  const asked = Math.max(0, ...found.map(({ version }) => number(version)));
  const since = Math.max(...NEWER_SYNTAX.map(([first, syntax]) => (syntax.test(at(file, line)) ? first : 0)));
  return since > asked ? newer.find((minor) => number(minor) >= since) : undefined;
}

function number(version: string): number {
  return Number(version.split('.')[1]);
}

const PARSE = 'import ast, sys; ast.parse(open(sys.argv[1], "rb").read())';

async function reads(context: Context, python: string, file: string): Promise<boolean> {
  const { exitCode } = await runCommand(python, ['-I', '-c', PARSE, file], {
    env: cleanEnvironment(context.env),
    cwd: '/',
    signal: context.signal,
    allowFailure: true,
  });
  return exitCode === 0;
}

function at(file: string, line: number): string {
  try {
    return readFileSync(file, 'utf8').split('\n')[line - 1] ?? '';
  } catch {
    return '';
  }
}

/** The minor version since which Python has a syntax, and how a line with it begins or what it has. */
const NEWER_SYNTAX: readonly (readonly [number, RegExp])[] = [
  [14, /(?:^|[\s(,=])[tT]["']|^\s*except\s+\w[\w.]*\s*,\s*\w[\w.]*\s*:/],
  [12, /^\s*type\s+\w+\s*(?:\[.*\])?\s*=|^\s*(?:(?:async\s+)?def|class)\s+\w+\s*\[|\b[fF]["']/],
  [11, /^\s*except\s*\*/],
  [10, /^\s*(?:match|case)\b.*:/],
];
