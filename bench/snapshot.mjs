// Times `devenv snapshot save` and `restore` of a large database against pg_dump and pg_restore where they fit the
// server, and against a dump by COPY of every table with the constraints made afterwards, which is what they do.
// `node bench/snapshot.mjs --help` lists the options.
import { readdir, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withConnection } from '../src/database/sql.ts';
import { benchProject } from './benchProject.mjs';
import { machine } from './machine.mjs';
import { seconds, table } from './table.mjs';
import { inTurns, median, timed } from './timing.mjs';

const HELP = `node bench/snapshot.mjs [options]

  --megabytes N  size of the database (default 1000)
  --runs N       of each way (default 3)
  --json         every measurement as JSON on standard output
  --write        put the table into docs/benchmarks-snapshots.md

Build first: node build.mjs. pg_dump of version 17 on PATH is measured, too.
`;

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const DOCUMENT = path.resolve(import.meta.dirname, '../docs/benchmarks-snapshots.md');
const INTRODUCTION = `# Benchmarks of snapshots

\`node bench/snapshot.mjs --write\` measures these: whole commands against pg_dump and pg_restore, and against the core of what those do, the COPY of every table with the indexes made afterwards. The target is 5x.
`;
const say = (text) => process.stderr.write(`${text}\n`);

if (values.help) process.stdout.write(HELP);
else await run(Number(values.megabytes), Number(values.runs));

async function run(megabytes, runs) {
  const project = await benchProject('3.3.2');
  try {
    const bytes = await fill(project, megabytes);
    const ways = { ...snapshotWays(project), ...copyWays(project), ...dumpWays(project) };
    const results = await inTurns(runs, ways);
    const medians = Object.fromEntries(Object.entries(results).map(([name, all]) => [name, median(all)]));
    const found = { bytes, runs, medians, results };
    const lines = `${report(found).join('\n')}\n`;
    process.stdout.write(values.json ? `${JSON.stringify(found, null, 2)}\n` : lines);
    if (values.write) await writeFile(DOCUMENT, `${INTRODUCTION}\n${lines}`);
  } finally {
    await project.end();
  }
}

/** Rows as months of use leave them: log lines, task instances' rendered fields and XComs. */
async function fill(project, megabytes) {
  say(`filling the database up to ${megabytes} MB`);
  return onDatabase(project, project.databaseName, async (query) => {
    for (;;) {
      const [{ size }] = await query('select pg_database_size(current_database())::float8 as size');
      if (size >= megabytes * 1e6) return size;
      await query(
        `insert into log (dttm, dag_id, task_id, event, owner, extra)
         select now() - n * interval '1 second', 'dag_' || n % 50, 'task_' || n % 20, 'running', 'airflow',
           (select string_agg(md5((n * 31 + i)::text), '') from generate_series(1, 20) i)
         from generate_series(1, 50000) n`,
      );
    }
  });
}

function snapshotWays(project) {
  let number = 0;
  return {
    'devenv snapshot save': async () => {
      number += 1;
      return (await project.devenv('snapshot', 'save', `bench-${number}`)).milliseconds;
    },
    'devenv snapshot restore': async () =>
      (await project.devenv('snapshot', 'restore', `bench-${number}`)).milliseconds,
  };
}

/** What pg_dump and pg_restore do at their core, without their own parsing: COPY out; COPY in, then the indexes. */
function copyWays(project) {
  const folder = async () =>
    onDatabase(project, 'postgres', async (query) => {
      const [{ directory }] = await query("select current_setting('data_directory') as directory");
      return directory;
    });
  return {
    'COPY out (as pg_dump)': async () => {
      const directory = await folder();
      return stopwatch(() =>
        onDatabase(project, project.databaseName, async (query) => {
          for (const table of await tablesOf(query)) {
            await query(`copy public."${table}" to '${directory}/bench-${table}.copy'`);
          }
        }),
      );
    },
    'COPY in (as pg_restore)': async () => {
      const directory = await folder();
      const milliseconds = await stopwatch(async () => {
        await onDatabase(project, 'postgres', async (query) => {
          await query('drop database if exists bench_restored');
          const [{ datname }] = await query(
            "select datname from pg_database where datname like 'airflow_template%'",
          );
          await query(`create database bench_restored template ${datname}`);
          await query('alter database bench_restored allow_connections true');
        });
        await onDatabase(project, 'bench_restored', restoreByCopy(directory));
      });
      for (const name of await readdir(directory)) {
        if (name.startsWith('bench-')) await rm(path.join(directory, name));
      }
      return milliseconds;
    },
  };
}

function restoreByCopy(directory) {
  return async (query) => {
    const tables = await tablesOf(query);
    await query('set session_replication_role = replica');
    await query(`truncate ${tables.map((each) => `public."${each}"`).join(', ')}`);
    const indexes = await query(
      `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
       from pg_index i join pg_class c on c.oid = i.indrelid
       where c.relnamespace = 'public'::regnamespace and not i.indisunique`,
    );
    for (const { name } of indexes) await query(`drop index ${name}`);
    for (const table of tables) await query(`copy public."${table}" from '${directory}/bench-${table}.copy'`);
    for (const { definition } of indexes) await query(definition);
  };
}

/** Only of the server's own version or a newer one: older ones refuse. */
function dumpWays(project) {
  const found = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' });
  const major = found.status === 0 ? Number(/\s(\d+)/.exec(found.stdout)?.[1]) : 0;
  if (major < 17) {
    say(major === 0 ? 'no pg_dump here' : `pg_dump ${major} refuses a server of version 17: left out`);
    return {};
  }
  const file = path.join(project.root, 'dump');
  const place = ['-h', project.socketDirectory, '-U', 'postgres'];
  return {
    'pg_dump -Fc -Z0': async () =>
      (await timed('pg_dump', [...place, '-Fc', '-Z0', '-f', file, project.databaseName])).milliseconds,
    'pg_dump -Fc': async () =>
      (await timed('pg_dump', [...place, '-Fc', '-f', file, project.databaseName])).milliseconds,
    'pg_restore': async () => {
      await onDatabase(project, 'postgres', async (query) => {
        await query('drop database if exists bench_dumped');
        await query('create database bench_dumped template template0');
      });
      return (await timed('pg_restore', [...place, '-d', 'bench_dumped', file])).milliseconds;
    },
  };
}

function report({ bytes, runs, medians }) {
  const against = (ours, theirs) =>
    theirs in medians
      ? [
          [
            ours,
            seconds(medians[ours]),
            theirs,
            seconds(medians[theirs]),
            `${(medians[theirs] / medians[ours]).toFixed(1)}x`,
          ],
        ]
      : [];
  return [
    `${machine()}; a database of ${Math.round(bytes / 1e6)} MB, medians of ${runs}.`,
    '',
    ...table(
      ['devenv', 'time', 'against', 'time', 'ratio'],
      [
        ...against('devenv snapshot save', 'pg_dump -Fc'),
        ...against('devenv snapshot save', 'pg_dump -Fc -Z0'),
        ...against('devenv snapshot restore', 'pg_restore'),
        ...against('devenv snapshot save', 'COPY out (as pg_dump)'),
        ...against('devenv snapshot restore', 'COPY in (as pg_restore)'),
      ],
    ),
  ];
}

async function tablesOf(query) {
  const rows = await query(
    "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
  );
  return rows.map((row) => row.relname);
}

async function stopwatch(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function onDatabase(project, database, work) {
  return withConnection(project.socketDirectory, database, work);
}
