import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../src');

/** Room -> the rooms it may import from. Data flows one way: devenv.yaml -> Project -> work -> events -> renderer. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  config: ['platform'],
  airflow: ['platform', 'config'],
  database: ['platform', 'config', 'airflow'],
  trust: ['platform', 'config'],
  hdfs: ['platform', 'config'],
  kubernetes: ['platform', 'config', 'runtimes', 'hdfs'],
  dagruns: ['platform', 'config', 'airflow', 'database', 'hdfs', 'kubernetes', 'spark', 'artifacts'],
  seed: ['platform', 'config', 'airflow', 'database', 'dagruns', 'trust'],
  spark: ['platform', 'config', 'airflow', 'hdfs'],
  artifacts: ['platform', 'config', 'airflow', 'hdfs', 'trust'],
  runtimes: ['platform'],
  services: ['platform', 'config', 'airflow', 'database', 'dagruns', 'runtimes'],
  stack: [
    'platform',
    'config',
    'airflow',
    'database',
    'hdfs',
    'artifacts',
    'dagruns',
    'runtimes',
    'services',
    'kubernetes',
  ],
  // And what `READ_BY_UI` names.
  ui: [],
  commands: [
    'platform',
    'config',
    'airflow',
    'database',
    'hdfs',
    'dagruns',
    'seed',
    'spark',
    'artifacts',
    'kubernetes',
    'runtimes',
    'stack',
    'trust',
    'ui',
  ],
};

/** Contracts that every room shares. */
const SHARED = ['context.ts', 'errors.ts', 'events.ts', 'version.ts'];

/** Package -> where it may be imported. Keeps heavy ones out of the way of commands that don't need them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'child_process': ['platform'],
  'node:child_process': ['platform'],
  'execa': ['platform'],
  'pg': ['database'],
  'yaml': ['config', 'seed'],
  'age-encryption': ['seed'],
  'zod': ['config'],
  'dockerode': ['runtimes', 'kubernetes'],
  '@kubernetes/client-node': ['kubernetes'],
  'commander': ['commands'],
  'ink': ['ui'],
  'react': ['ui'],
  'chokidar': ['platform', 'dagruns', 'stack'],
};

/** Shapes of what the engine tells and offers: a renderer imports their types, and nothing else of the engine. */
const READ_BY_UI = [/(^|\/)events\.ts$/, /^stack\/protocol\.ts$/, /^airflow\/restApi\/airflowApi\.ts$/];

const LONGEST_FILE = 400;

interface SourceFile {
  /** Relative to src/. */
  readonly name: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = readSources();

test('every folder of src is a known room', () => {
  const rooms = new Set(files.map((file) => file.room).filter((room) => room !== ''));
  expect([...rooms].filter((room) => ROOMS[room] === undefined)).toEqual([]);
});

test('rooms import only from the rooms below them', () => {
  const offences = files.flatMap((file) =>
    internalImports(file)
      .filter((target) => !mayImport(file, target))
      .map((target) => `${file.name} imports ${target}`),
  );
  expect(offences).toEqual([]);
});

test('packages are imported only by the room that they are for', () => {
  const offences = files.flatMap((file) =>
    file.imports
      .filter((name) => PACKAGES[packageName(name)]?.includes(file.room) === false)
      .map((name) => `${file.name} imports ${name}`),
  );
  expect(offences).toEqual([]);
});

test('only ui writes to the terminal', () => {
  const writes = /\b(stdout|stderr)\.write\(|\bconsole\.\w+\(/;
  // devenv.ts answers --version without loading anything.
  expect(offenders(writes, ['ui/', 'devenv.ts'])).toEqual([]);
});

test('what ui writes to a terminal goes through the one function that makes foreign text harmless', () => {
  const writes = /\.write\(|createElement\(Text\b|<Text\b/;
  const unsafe = files
    .filter((file) => file.room === 'ui' && writes.test(file.text))
    .filter((file) => !file.imports.some((name) => name.endsWith('/visibleText.ts')))
    .map((file) => file.name);
  expect(unsafe).toEqual([
    // Hands on what progressRenderer.ts has made harmless.
    'ui/commandProgress.ts',
    // Readline's own: line ends, and keys for it.
    'ui/linePrompt.ts',
  ]);
});

test('only main.ts ends the process', () => {
  expect(offenders(/\b(process|host)\.exit\(/, ['main.ts'])).toEqual([]);
});

test('ui imports nothing but types of the engine', () => {
  const values = /^import (?!type )[^;]*from '(?:\.\.\/)+(?!errors\.ts|version\.ts|context\.ts)\w+[^']*';/gm;
  const offences = files
    .filter((file) => file.room === 'ui')
    .flatMap((file) => [...file.text.matchAll(values)].map(([statement]) => ({ file, statement })))
    .filter(({ file, statement }) => {
      const name = /'([^']+)'/.exec(statement)?.[1] ?? '';
      return roomOf(path.posix.join(path.posix.dirname(file.name), name)) !== 'ui';
    })
    .map(({ file, statement }) => `${file.name}: ${statement}`);
  expect(offences).toEqual([]);
});

test('nothing is exported by default', () => {
  expect(offenders(/^export default\b/m, [])).toEqual([]);
});

test('there are no barrels', () => {
  const barrels = files.filter((file) => /(^|\/)index\.tsx?$/.test(file.name) || reexportsOnly(file.text));
  expect(barrels.map((file) => file.name)).toEqual([]);
});

test(`no file has more than ${LONGEST_FILE} lines`, () => {
  const long = files.filter((file) => file.text.split('\n').length > LONGEST_FILE);
  expect(long.map((file) => file.name)).toEqual([]);
});

function mayImport(file: SourceFile, target: string): boolean {
  const targetRoom = roomOf(target);
  if (targetRoom === file.room && file.room !== '') return true;
  if (SHARED.includes(target)) return true;
  if (file.name === 'devenv.ts') return ['main.ts', 'platform/compileCache.ts'].includes(target);
  if (file.name === 'main.ts') return targetRoom === 'commands' || targetRoom === 'ui';
  if (file.room === 'ui') return READ_BY_UI.some((pattern) => pattern.test(target));
  return ROOMS[file.room]?.includes(targetRoom) ?? false;
}

function internalImports(file: SourceFile): readonly string[] {
  return file.imports
    .filter((name) => name.startsWith('.'))
    .map((name) => path.posix.join(path.posix.dirname(file.name), name));
}

function offenders(pattern: RegExp, allowed: readonly string[]): readonly string[] {
  return files
    .filter((file) => !allowed.some((prefix) => file.name.startsWith(prefix)))
    .filter((file) => pattern.test(file.text))
    .map((file) => file.name);
}

function reexportsOnly(text: string): boolean {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').trim();
  return (
    code !== '' && code.replaceAll(/export\s+(type\s+)?(\*|\{[^}]*\})\s+from\s+'[^']+';/g, '').trim() === ''
  );
}

function packageName(name: string): string {
  const words = name.startsWith('@') ? 2 : 1;
  return name.split('/').slice(0, words).join('/');
}

function roomOf(name: string): string {
  return name.includes('/') ? (name.split('/')[0] ?? '') : '';
}

function readSources(): readonly SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => name.split(path.sep).join('/'))
    .map((name) => {
      const text = readFileSync(path.join(SRC, name), 'utf8');
      const imports = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^'\s]+)'/g)].map(
        (match) => match[1]!,
      );
      return { name, room: roomOf(name), text, imports };
    });
}
