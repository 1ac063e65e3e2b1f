import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  engines: { node: string };
};
const MINIMUM = engines.node.replace('>=', '');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'devenv-entry-'));
  buildSync({
    entryPoints: [path.join(ROOT, 'src/devenv.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // The program itself is not part of it: a Node that is too old may not understand it.
    external: ['./main.ts', './platform/compileCache.ts'],
    define: { __VERSION__: '"1.2.3"', __NODE_MINIMUM__: JSON.stringify(MINIMUM) },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['18.19.1', '22.11.9'])('Node %s is told which one is needed', (version) => {
  const { status, stdout, stderr } = runUnder(version, 'status');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(
    `devenv needs Node.js ${MINIMUM} or newer; this is ${version}, ${process.execPath}`,
  );
  expect(stderr).not.toContain('SyntaxError');
});

test.each(['22.12.0', '23.0.0', '24.21.0'])('Node %s loads the program', (version) => {
  // Which is not there in this test.
  expect(runUnder(version, 'status').stderr).toContain('ERR_MODULE_NOT_FOUND');
});

test('every Node can say which devenv this is', () => {
  expect(runUnder('18.19.1', '--version')).toMatchObject({ status: 0, stdout: '1.2.3\n' });
});

test('the entry imports nothing by name, which an older Node would not have', () => {
  expect(readFileSync(path.join(folder, 'devenv.mjs'), 'utf8')).not.toMatch(/^import\b(?!\()/m);
});

function runUnder(version: string, ...words: string[]) {
  const pretend = `Object.defineProperty(process.versions,"node",{value:"${version}"})`;
  writeFileSync(path.join(folder, 'pretend.mjs'), pretend);
  const entry = path.join(folder, 'devenv.mjs');
  const loaded = ['--import', `file://${path.join(folder, 'pretend.mjs')}`];
  return spawnSync(process.execPath, [...loaded, '--', entry, ...words], { encoding: 'utf8' });
}
