import { Command, Option } from 'commander';
import { POSTGRES_USER } from '../database/describeDatabase.ts';
import { DevenvError } from '../errors.ts';
import { findProgram } from '../platform/findProgram.ts';
import type { GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { openProject, runInProject, type OpenProject } from './projectProcess.ts';
import { runStatements } from './psqlOwn.ts';

interface Flags extends GlobalOptions {
  readonly command?: readonly string[];
  readonly json?: boolean;
  readonly psql: boolean;
}

export function psqlCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('psql')
    .summary("SQL on the project's database")
    .description(
      "Runs psql on the project's metadata database, which is started when needed. Where psql is not installed, and with " +
        '--json, a small prompt of our own takes its place: SQL, \\dt, \\d NAME, \\q.',
    )
    .argument('[arguments...]', 'for psql, after --')
    .option('-c, --command <sql>', 'run this and end (repeatable)', collect)
    .addOption(new Option('--json', 'one JSON object a statement; our own prompt').implies({ psql: false }))
    .option('--no-psql', 'our own prompt, also where psql is installed')
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], _flags: unknown, command: Command) => {
      finish(await psql(commandHost, args, command.optsWithGlobals<Flags>()));
    });
}

const EXAMPLES = `
Examples:
  devenv psql
  devenv psql -c 'select dag_id, state, count(*) from dag_run group by 1, 2'
  devenv psql --json -c 'select key from variable' | jq '.rows[].key'
  devenv psql -- --csv -f report.sql
`;

async function psql(commandHost: CommandHost, args: readonly string[], flags: Flags): Promise<number> {
  const program = flags.psql ? findProgram('psql', commandHost.host.env) : undefined;
  const statements = flags.command ?? [];
  if (program !== undefined) {
    return runInProject(commandHost, flags, { database: true }, (open) => ({
      file: program,
      args: [...statements.flatMap((each) => ['-c', each]), ...args],
      env: connectionVariables(open),
    }));
  }
  if (args.length > 0) throw psqlMissing();
  const open = await openProject(commandHost, flags, { database: true });
  assertPostgres(open);
  return runStatements(commandHost, open, { statements, json: flags.json === true });
}

function connectionVariables(open: OpenProject): Record<string, string> {
  assertPostgres(open);
  const { socketDirectory = '', port, name } = open.spec.database;
  return { PGHOST: socketDirectory, PGPORT: String(port), PGUSER: POSTGRES_USER, PGDATABASE: name };
}

function assertPostgres({ spec }: OpenProject): void {
  if (spec.database.kind === 'postgres') return;
  throw new DevenvError({
    code: 'not_postgres',
    what: "This project's database is SQLite.",
    next: [`Open it with sqlite3: sqlite3 ${spec.database.url.replace('sqlite:///', '')}`],
    misuse: true,
  });
}

function psqlMissing(): DevenvError {
  return new DevenvError({
    code: 'psql_not_found',
    what: 'There is no psql on PATH to give these arguments to.',
    next: ["Install PostgreSQL's client", 'Or use -c and --json, which work without it'],
    misuse: true,
  });
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
