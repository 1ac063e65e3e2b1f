// Installs thirteen providers with each of the given releases, as a project that asks for them without versions would
// get them, and imports every hook, operator, sensor and trigger of theirs:
//
//   node scripts/check-imports.mjs 2.11.2 3.3.2@3.13 > table.md
//
// Fails when a module can't be imported for another reason than a package that the provider calls optional, or when a
// provider is more than two years older than Airflow. Minutes and gigabytes a release; build first: node build.mjs
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { uploadTimes } from '../src/airflow/resolution/uploadTimes.ts';
import { ensureUv } from '../src/airflow/uv.ts';
import { scriptContext } from './scriptContext.ts';

const PROVIDERS = [
  ...['google', 'amazon', 'microsoft-azure', 'snowflake', 'databricks', 'slack', 'cncf-kubernetes'],
  ...['apache-spark', 'apache-hdfs', 'postgres', 'dbt-cloud', 'ssh', 'http'],
];
const TWO_YEARS_MS = 2 * 365 * 24 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const PROGRAM = path.resolve(import.meta.dirname, '../dist/devenv.js');
const IMPORTS = path.resolve(import.meta.dirname, 'imports/import_providers.py');
const run = promisify(execFile);
const context = scriptContext();

process.stdout.write(
  '| Airflow | Python | provider | version | days older than Airflow | modules | optional | failed | import |\n',
);
process.stdout.write('| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n');
let failed = 0;
for (const wanted of process.argv.slice(2)) failed += await check(...wanted.split('@'));
process.exitCode = failed > 0 ? 1 : 0;

async function check(version, python) {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-imports-'));
  try {
    const begin = Date.now();
    const environment = await install(folder, version, python);
    say(
      `Airflow ${version} on Python ${environment.python}: ready after ${seconds(begin)}; ${left(environment)}`,
    );
    const ages = await daysOlder(environment);
    const results = await importAll(environment, folder);
    results.forEach((result) => report(environment, ages, result));
    return results.filter(({ provider, failures }) => {
      const isOld = (ages.get(nameOf(provider)) ?? 0) * DAY_MS > TWO_YEARS_MS;
      return isOld || failures.some(({ optional }) => !optional);
    }).length;
  } catch (error) {
    say(`Airflow ${version}: ${error.stderr || error.stack}`);
    return 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function install(folder, version, python) {
  await mkdir(path.join(folder, 'dags'));
  const lines = PROVIDERS.map(nameOf);
  await writeFile(path.join(folder, 'requirements.txt'), `${lines.join('\n')}\n`);
  const wanted = python === undefined ? '' : `\n  python: "${python}"`;
  await writeFile(path.join(folder, 'devenv.yaml'), `airflow:\n  version: ${version}${wanted}\n`);
  const { stdout } = await run(process.execPath, [PROGRAM, 'env', 'show', '--json'], {
    cwd: folder,
    maxBuffer: 1e8,
  });
  return JSON.parse(stdout);
}

/** Whole days between the release of each provider and that of Airflow. */
async function daysOlder({ airflow, python, packages }) {
  const pins = packages.filter(({ name }) => PROVIDERS.map(nameOf).includes(name));
  const request = {
    uv: await ensureUv(context),
    target: ['--python-version', python.split('.').slice(0, 2).join('.')],
    workingDirectory: '/',
  };
  const lines = [`apache-airflow==${airflow}`, ...pins.map(({ name, version }) => `${name}==${version}`)];
  const times = await uploadTimes(context, request, lines);
  const released = times.get('apache-airflow');
  return new Map([...times].map(([name, time]) => [name, Math.round((released - time) / DAY_MS)]));
}

async function importAll({ directory }, home) {
  const { stdout } = await run(path.join(directory, 'bin', 'python'), [IMPORTS, ...PROVIDERS], {
    cwd: home,
    maxBuffer: 1e9,
    env: {
      PATH: `${path.join(directory, 'bin')}:/usr/bin:/bin`,
      HOME: home,
      AIRFLOW_HOME: home,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    },
  });
  return stdout
    .split('\n')
    .filter((line) => line.includes('\x1e'))
    .map((line) => JSON.parse(line.slice(line.indexOf('\x1e') + 1)));
}

function report({ airflow, python }, ages, { provider, version, modules, failures, seconds: time }) {
  const optional = failures.filter((failure) => failure.optional);
  const cells = [airflow, python, provider, version, ages.get(nameOf(provider)) ?? '?', modules];
  const counts = [optional.length, failures.length - optional.length, `${time} s`];
  process.stdout.write(`| ${[...cells, ...counts].join(' | ')} |\n`);
  for (const { module, reason, optional: isOptional } of failures)
    say(`  ${isOptional ? 'optional' : 'FAILED'} ${module}: ${reason}`);
}

function left({ leftOut, moved }) {
  const parts = [
    ...(leftOut.length > 0 ? [`left out ${leftOut.join(', ')}`] : []),
    ...(moved.length > 0
      ? [`moved ${moved.map(({ name, from, to }) => `${name} ${from} -> ${to}`).join(', ')}`]
      : []),
  ];
  return parts.join('; ') || 'nothing left out or moved';
}

function nameOf(provider) {
  return `apache-airflow-providers-${provider}`;
}

function seconds(begin) {
  return `${((Date.now() - begin) / 1000).toFixed(0)} s`;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
