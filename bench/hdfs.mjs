// Times the mock HDFS against Hadoop's own WebHDFS (a MiniDFSCluster 3.4.1), the same requests from the same client,
// in turns. `node bench/hdfs.mjs --help` lists the options. Needs a JDK, Maven, and what `node build.mjs` makes.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createFile, getBytes, measureRate, openClient } from './hdfsClient.mjs';
import { machine } from './machine.mjs';
import { table } from './table.mjs';

const HELP = `node bench/hdfs.mjs [options]

  --megabytes N  size of the large file (default 1024)
  --runs N       of each measurement; the best counts (default 3)
  --json         every measurement as JSON on standard output
  --write        put the table into docs/benchmarks-hdfs.md
`;

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1024' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const USER = userInfo().username;
const ROOT = path.resolve(import.meta.dirname, '..');
const TEST = path.join(ROOT, 'test/hdfs');

const DOCUMENT = path.join(ROOT, 'docs/benchmarks-hdfs.md');
const INTRODUCTION = `# Benchmarks of the mock HDFS

\`node bench/hdfs.mjs --write\` measures these: the mock, and Hadoop's own WebHDFS (a MiniDFSCluster 3.4.1 with one datanode) on the same disk, asked the same by the same small client, in turns. The best of each counts. Real HDFS makes few small files a second, since it waits for its datanode's report of each; it is asked for fewer.
`;

/** Name, unit, target as a ratio to real HDFS, and whether less is better. */
const ROWS = [
  ['put', 'PUT, one stream', 'MB/s', 2],
  ['get', 'GET, one stream', 'MB/s', 3],
  ['range', '64 KiB range reads, with the redirect', '/s', 5],
  ['create', 'CREATE of 1 KiB, one client', '/s', 50],
  ['createMany', 'CREATE of 1 KiB, 8 clients', '/s', 50],
  ['stat', 'GETFILESTATUS, one client', '/s', 2],
  ['statMany', 'GETFILESTATUS, 8 clients', '/s', 2],
  ['list', 'LISTSTATUS of 10 000 entries', '/s', 1.3],
  ['rename', 'RENAME', '/s', undefined],
  ['start', 'start', 's', 20, true],
  ['memory', 'memory after all this (RSS)', 'MB', 2, true],
];

if (values.help) process.stdout.write(HELP);
else await run(Number(values.megabytes), Number(values.runs));

async function run(megabytes, runs) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-hdfs-'));
  const servers = {};
  try {
    const classPath = hadoopClassPath(folder);
    const words = ['hdfs-server', '--state', path.join(folder, 'mock'), '--superuser', USER];
    servers.mock = await startServer('stderr', process.execPath, [
      path.join(ROOT, 'dist/devenv.js'),
      ...words,
    ]);
    servers.real = await startServer('stdout', 'java', [
      '-Xmx2g',
      '--add-opens=java.base/java.lang=ALL-UNNAMED',
      '-cp',
      classPath,
      path.join(TEST, 'java/RealHdfs.java'),
      path.join(folder, 'real'),
    ]);
    const results = { mock: {}, real: {} };
    for (let turn = 0; turn < runs; turn += 1) {
      for (const [name, server] of Object.entries(servers)) {
        say(`${name}, ${turn + 1} of ${runs}`);
        keepBest(results[name], await measureAll(server, megabytes, turn, name === 'real'));
      }
    }
    for (const [name, server] of Object.entries(servers)) {
      Object.assign(results[name], { start: server.start, memory: residentMegabytes(server.child.pid) });
    }
    const lines = `${report(results, megabytes, runs).join('\n')}\n`;
    process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : lines);
    if (values.write) writeFileSync(DOCUMENT, `${INTRODUCTION}\n${lines}`);
  } finally {
    for (const server of Object.values(servers)) server.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAll(server, megabytes, turn, isReal) {
  const base = `/bench${turn}`;
  const client = await openClient(server);
  const user = `user.name=${USER}`;
  const found = {};
  const large = Buffer.alloc(1024 * 1024, 'x');
  let began = performance.now();
  await createFile(server, `${base}/large?op=CREATE&${user}`, large, megabytes);
  found.put = (megabytes * 1.048576) / ((performance.now() - began) / 1000);
  began = performance.now();
  await getBytes(server, `${base}/large?op=OPEN&${user}`);
  found.get = (megabytes * 1.048576) / ((performance.now() - began) / 1000);
  const span = megabytes * 1024 * 1024 - 65_536;
  found.range = await measureRate(isReal ? 300 : 2000, 1, async (index) => {
    const offset = (index * 7_654_321) % span;
    await getBytes(server, `${base}/large?op=OPEN&offset=${offset}&length=65536&${user}`, client);
  });
  await client.ask('DELETE', `${base}/large?op=DELETE&${user}`);
  // Real HDFS makes seven files a second.
  const small = Buffer.alloc(1024, 'y');
  const create = (folder) => async (index) =>
    createFile(server, `${base}/${folder}/f${index}?op=CREATE&${user}`, small, 1);
  found.create = await measureRate(isReal ? 30 : 1000, 1, create('one'));
  found.createMany = await measureRate(isReal ? 100 : 2000, 8, create('many'));
  const stat = async () => client.ask('GET', `${base}/one/f1?op=GETFILESTATUS&${user}`);
  await measureRate(500, 1, stat);
  // One request at a time is mostly waiting for the other side to be woken: what a machine does differs by the second.
  found.stat = 0;
  for (let turn = 0; turn < 8; turn += 1) found.stat = Math.max(found.stat, await measureRate(1000, 1, stat));
  const clients = await Promise.all(Array.from({ length: 8 }, () => openClient(server)));
  found.statMany = await measureRate(8000, 8, async (_, worker) =>
    clients[worker].ask('GET', `${base}/one/f1?op=GETFILESTATUS&${user}`),
  );
  await measureRate(10_000, 8, async (index, worker) =>
    clients[worker].ask('PUT', `${base}/list/entry-${index}?op=MKDIRS&${user}`),
  );
  const list = async () => client.ask('GET', `${base}/list?op=LISTSTATUS&${user}`);
  await list();
  found.list = await measureRate(20, 1, list);
  found.rename = await measureRate(2000, 1, async (index) =>
    client.ask(
      'PUT',
      `${base}/list/entry-${index}?op=RENAME&destination=${base}/list/renamed-${index}&${user}`,
    ),
  );
  for (const each of [client, ...clients]) each.end();
  return found;
}

function keepBest(all, found) {
  for (const [name, value] of Object.entries(found)) all[name] = Math.max(all[name] ?? 0, value);
}

async function startServer(output, program, args) {
  const began = performance.now();
  const streams = ['stdout', 'stderr'].map((name) => (name === output ? 'pipe' : 'ignore'));
  const child = spawn(program, args, { stdio: ['pipe', ...streams] });
  const [line] = await once(child[output], 'data');
  const start = (performance.now() - began) / 1000;
  // The mock: `HDFS listens on 127.66.80.77, ports 9870, …`; the real one: its port.
  const [, host = '127.0.0.1', port] = /(?:on (\S+), ports )?(\d+)/.exec(String(line));
  return { child, start, host, port: Number(port) };
}

function hadoopClassPath(folder) {
  const file = path.join(folder, 'classpath');
  const words = [
    '-q',
    '-B',
    '-f',
    path.join(TEST, 'java/pom.xml'),
    'dependency:build-classpath',
    `-Dmdep.outputFile=${file}`,
  ];
  const { status, error } = spawnSync('mvn', words, { stdio: ['ignore', 2, 2] });
  if (error !== undefined || status !== 0) throw new Error('This benchmark needs a JDK and Maven (mvn).');
  return readFileSync(file, 'utf8').trim();
}

function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

function report({ mock, real }, megabytes, runs) {
  const rows = ROWS.map(([key, label, unit, target, lessIsBetter]) => {
    const ratio = lessIsBetter ? real[key] / mock[key] : mock[key] / real[key];
    const wanted = target === undefined ? '' : `≥ ${target}x`;
    return [label, figure(mock[key], unit), figure(real[key], unit), `${ratio.toFixed(1)}x`, wanted];
  });
  return [
    `${machine()}; ${megabytes} MiB, best of ${runs}.`,
    '',
    ...table(['', 'mock', 'Hadoop 3.4.1', 'ratio', 'target'], rows),
  ];
}

function figure(value, unit) {
  const text = value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return unit.startsWith('/') ? `${text}${unit}` : `${text} ${unit}`;
}
