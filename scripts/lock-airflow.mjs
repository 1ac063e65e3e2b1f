// Writes src/airflow/locks/airflow-VERSION.txt for the versions given: node scripts/lock-airflow.mjs 3.3.2 2.11.2
// A lock needs no interpreter, but the package index: one to three minutes for every Python of a release.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { basePackages } from '../src/airflow/environmentPlan.ts';
import { supportedPythons } from '../src/airflow/pythonVersions.ts';
import { resolveRelease } from '../src/airflow/resolution/resolveRelease.ts';
import { uvCompile } from '../src/airflow/resolution/uvCompile.ts';
import { ensureUv } from '../src/airflow/uv.ts';
import { mergeLocks } from './mergeLocks.ts';
import { scriptContext } from './scriptContext.ts';

const context = scriptContext();
const uv = await ensureUv(context);
const folder = await mkdtemp(path.join(tmpdir(), 'airflow-locks-'));
try {
  for (const version of process.argv.slice(2)) await writeLock(version);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function writeLock(version) {
  const locks = [];
  for (const minor of supportedPythons(version)) {
    const text = await resolveRelease(context, uv, version, minor);
    const pins = text.split('\n').filter((line) => line.includes('=='));
    locks.push({ minor, pins, base: await basePins(version, minor, pins) });
    process.stderr.write(`Airflow ${version} on Python ${minor}: ${pins.length} packages\n`);
  }
  const file = new URL(`../src/airflow/locks/airflow-${version}.txt`, import.meta.url);
  await writeFile(file, mergeLocks(version, locks));
}

/** What an environment without requirements holds: of our wishes those that the release knows. */
async function basePins(version, minor, pins) {
  const constraints = path.join(folder, 'constraints.txt');
  await writeFile(constraints, pins.join('\n'));
  const known = new Set(['apache-airflow', ...pins.map((pin) => pin.split('==')[0])]);
  const request = { uv, target: ['--python-version', minor], workingDirectory: folder };
  const result = await uvCompile(context, {
    ...request,
    args: ['-c', constraints],
    lines: basePackages(version).filter((line) => known.has(line.split('==')[0])),
  });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  return result.stdout.split('\n').filter((line) => line.includes('=='));
}
