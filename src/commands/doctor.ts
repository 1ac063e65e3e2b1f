import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { checkReport, type CheckResult } from '../ui/checkReport.ts';
import { writeLines } from '../ui/output.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import { machineChecks, type Check } from './doctorMachine.ts';
import { projectChecks } from './doctorProject.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly json?: boolean;
  readonly compare?: string;
}

export function doctorCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('doctor')
    .summary('look for what could keep devenv from working')
    .description(
      'Looks at this machine and this project, says what it found and what to do. Changes nothing and downloads nothing, but for --compare, which runs the file twice.',
    )
    .option('--json', 'one JSON object')
    .option(
      '--compare <file>',
      'also run this DAG file as devenv does and with --stock, and compare how both end',
    )
    .addHelpText('after', '\nExit codes: 0 nothing failed; 1 something did; 2 misuse.\n')
    .action(async (_flags: unknown, command: Command) => {
      finish(await doctor(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function doctor(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, flags, () => {});
  const results = [...(await examine(context, flags)), ...(await compare(commandHost, flags))];
  const failed = results.some(({ verdict }) => verdict === 'fail');
  if (flags.json === true) {
    writeLines(host.stdout, [JSON.stringify({ v: 1, ok: !failed, checks: results })]);
  } else {
    writeLines(host.stdout, checkReport(results, createStyle(useColor(host.stdout, host.env))));
  }
  return failed ? 1 : 0;
}

async function examine(context: Context, flags: GlobalOptions): Promise<readonly CheckResult[]> {
  const machine = await Promise.all(machineChecks(context).map(resultOf));
  try {
    const project = await loadProject(context, { configFile: flags.config });
    return [...machine, ...(await Promise.all(projectChecks(context, project).map(resultOf)))];
  } catch (error) {
    return [...machine, { name: 'project', ...failure(error) }];
  }
}

async function compare(commandHost: CommandHost, flags: Flags): Promise<readonly CheckResult[]> {
  if (flags.compare === undefined) return [];
  const { compareWithStock } = await import('./doctorCompare.ts');
  const globals = [
    ...(flags.directory === undefined ? [] : ['--directory', flags.directory]),
    ...(flags.config === undefined ? [] : ['--config', flags.config]),
  ];
  try {
    return [await compareWithStock(commandHost, flags.compare, globals)];
  } catch (error) {
    return [{ name: 'compare', ...failure(error) }];
  }
}

async function resultOf({ name, look }: Check): Promise<CheckResult> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, ...failure(error) };
  }
}

function failure(error: unknown): Omit<CheckResult, 'name'> {
  if (!(error instanceof DevenvError)) throw error;
  const { file, line } = error.location ?? {};
  const place = file === undefined ? '' : `${[file, line].filter((each) => each !== undefined).join(':')}: `;
  const detail = `${place}${error.message.replaceAll('\n', ' ')}`;
  return { verdict: 'fail', detail, ...(error.next.length === 0 ? {} : { next: error.next }) };
}
