import { text } from 'node:stream/consumers';
import { PROMPT_HELP, promptCommand } from '../database/sqlCatalog.ts';
import { openSqlSession, type SqlSession } from '../database/sqlSession.ts';
import { isBlank, splitStatements } from '../database/sqlStatements.ts';
import { DevenvError } from '../errors.ts';
import { createLinePrompt } from '../ui/linePrompt.ts';
import { writeLines } from '../ui/output.ts';
import { renderError } from '../ui/renderError.ts';
import { writeSqlResult } from '../ui/sqlOutput.ts';
import { createStyle, useColor } from '../ui/style.ts';
import type { CommandHost } from './commandHost.ts';
import type { OpenProject } from './projectProcess.ts';

interface OwnOptions {
  readonly statements: readonly string[];
  readonly json: boolean;
}

/** SQL without psql: given statements, those of the standard input, or a person's at a prompt. Gives the exit code. */
export async function runStatements(
  commandHost: CommandHost,
  open: OpenProject,
  options: OwnOptions,
): Promise<number> {
  const { host } = commandHost;
  const session = await openSqlSession(open.spec.database, (notice) => writeLines(host.stderr, [notice]));
  const prompt = new OwnPrompt(commandHost, session, options.json);
  try {
    if (options.statements.length > 0) return await prompt.runAll(options.statements);
    if (host.stdin.isTTY) return await prompt.talk(open.spec.database.name);
    return await prompt.runAll([await text(host.stdin)]);
  } finally {
    await session.close();
  }
}

class OwnPrompt {
  readonly #host: NodeJS.Process;
  readonly #commandHost: CommandHost;
  readonly #session: SqlSession;
  readonly #json: boolean;

  constructor(commandHost: CommandHost, session: SqlSession, json: boolean) {
    this.#commandHost = commandHost;
    this.#host = commandHost.host;
    this.#session = session;
    this.#json = json;
  }

  /** The first mistake ends it. */
  async runAll(texts: readonly string[]): Promise<number> {
    this.#commandHost.signal.addEventListener('abort', () => void this.#session.cancel().catch(() => {}));
    for (const each of texts) {
      const { statements, rest } = withCommands(each);
      for (const statement of [...statements, rest]) if (!isBlank(statement)) await this.#run(statement);
    }
    this.#commandHost.signal.throwIfAborted();
    return 0;
  }

  async talk(database: string): Promise<number> {
    this.#commandHost.handOverSignals();
    writeLines(this.#host.stdout, ['psql is not used: SQL up to a semicolon, \\? for help.']);
    const { stdin, stdout } = this.#host;
    const prompt = createLinePrompt({ stdin, stdout });
    prompt.onInterrupt(() => void this.#session.cancel().catch(() => {}));
    let typed = '';
    for (;;) {
      const answer = await prompt.ask(typed === '' ? `${database}=# ` : `${database}-# `);
      if (answer.kind === 'end') break;
      const { statements, rest } =
        answer.kind === 'line' ? withCommands(`${typed}${answer.text}\n`) : { statements: [], rest: '' };
      typed = isBlank(rest) ? '' : rest;
      if (!(await this.#runEach(statements))) break;
    }
    prompt.close();
    return 0;
  }

  async #runEach(statements: readonly string[]): Promise<boolean> {
    for (const each of statements) {
      try {
        if (!(await this.#run(each))) return false;
      } catch (error) {
        if (!(error instanceof DevenvError)) throw error;
        const color = useColor(this.#host.stderr, this.#host.env);
        writeLines(this.#host.stderr, [renderError(error, { color })]);
      }
    }
    return true;
  }

  /** @returns whether there is more to come. */
  async #run(statement: string): Promise<boolean> {
    const { stdout, env } = this.#host;
    const command = statement.startsWith('\\') ? promptCommand(statement) : undefined;
    if (command?.kind === 'quit') return false;
    if (command?.kind === 'help') writeLines(stdout, PROMPT_HELP);
    else if (command?.kind === 'unknown') throw unknownCommand(command.name);
    else {
      const result = await this.#session.run(command?.sql ?? statement);
      writeSqlResult(stdout, result, { json: this.#json, style: createStyle(useColor(stdout, env)) });
    }
    return true;
  }
}

/** A line that begins with a backslash is a command of its own, without a semicolon. */
function withCommands(typed: string): { statements: string[]; rest: string } {
  const statements: string[] = [];
  let rest = '';
  for (const line of typed.split('\n')) {
    if (isBlank(rest) && line.trimStart().startsWith('\\')) {
      statements.push(line.trim());
      rest = '';
      continue;
    }
    const split = splitStatements(`${rest}${line}\n`);
    statements.push(...split.statements);
    rest = split.rest;
  }
  return { statements, rest };
}

function unknownCommand(name: string): DevenvError {
  return new DevenvError({
    code: 'sql_failed',
    what: `This prompt does not know ${name}.`,
    next: ['\\? lists what it knows', "Install PostgreSQL's client to get psql itself"],
  });
}
