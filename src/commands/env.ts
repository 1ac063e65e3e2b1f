import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Argument, Command } from 'commander';
import { type ExportFormat, exportLines } from '../airflow/environmentExport.ts';
import { readRecord } from '../airflow/environmentRecord.ts';
import { installedPackages } from '../airflow/installedPackages.ts';
import { readPins } from '../airflow/locks.ts';
import { packageDifferences } from '../airflow/packageDifferences.ts';
import { readRequirements } from '../airflow/requirements.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { errorCode } from '../platform/fileSystemError.ts';
import { columns } from '../ui/environmentReport.ts';
import { writeLines } from '../ui/output.ts';
import { pruneCommand, rebuildCommand, listEnvironmentsCommand } from './envKept.ts';
import { type EnvironmentFlags, withEnvironment } from './envTarget.ts';
import type { CommandHost } from './commandHost.ts';

export function envCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('env')
    .summary('what is installed, why, and what differs from production')
    .description(
      "Shows and compares the virtual environment that this project's Airflow runs in, and keeps house among those of all projects.",
    )
    .addCommand(showCommand(commandHost, finish))
    .addCommand(diffCommand(commandHost, finish))
    .addCommand(exportCommand(commandHost, finish))
    .addCommand(rebuildCommand(commandHost, finish))
    .addCommand(listEnvironmentsCommand(commandHost, finish))
    .addCommand(pruneCommand(commandHost, finish))
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  devenv env show google                       packages with google in their name
  devenv env diff requirements/production.txt  a pip freeze of production
  devenv env diff apache/airflow:2.11.2        an image of the Docker engine
  devenv env export constraints > constraints.txt
  devenv env prune --days 30

Exit codes: 0 done, and for diff nothing differs; 1 it failed, or something differs; 2 misuse.
`;

function showCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('show')
    .summary('the packages, and what asks for each')
    .argument('[word]', 'only packages with this in their name')
    .option('--json', 'one JSON object')
    .action(async (word: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<EnvironmentFlags>();
      await withEnvironment(commandHost, flags, ({ environment, request }) => {
        const asked = new Map(readRequirements(request.requirements).map((line) => [line.name, line]));
        const packages = installedPackages(environment.directory)
          .filter(({ name }) => word === undefined || name.includes(word.toLowerCase()))
          .map((each) => ({ ...each, asked: place(asked.get(each.name)) }));
        const record = readRecord(environment.directory);
        const { moved = [], leftOut = [] } = record ?? {};
        const { stdout } = commandHost.host;
        if (flags.json === true) {
          const { airflowVersion, pythonVersion, directory } = environment;
          const value = {
            v: 1,
            airflow: airflowVersion,
            python: pythonVersion,
            directory,
            moved,
            leftOut,
            packages,
          };
          writeLines(stdout, [JSON.stringify(value)]);
          return;
        }
        writeLines(stdout, [
          `Airflow ${environment.airflowVersion} on Python ${environment.pythonVersion} in ${environment.directory}`,
          ...moved.map(({ name, from, to }) => `overruled by requirements: ${name} ${from} -> ${to}`),
          ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join(', ')}`]),
          '',
          ...columns([
            ['PACKAGE', 'VERSION', 'ASKED FOR BY'],
            ...packages.map((each) => [each.name, each.version, each.asked ?? shortened(each.requiredBy)]),
          ]),
        ]);
      });
      finish(0);
    });
}

function place(line: { readonly file: string; readonly line: number } | undefined): string | undefined {
  return line && `${path.basename(line.file)}:${line.line}`;
}

const MOST = 4;

function shortened(names: readonly string[]): string {
  const more = names.length > MOST ? ` and ${names.length - MOST} more` : '';
  return names.length === 0 ? 'devenv' : `${names.slice(0, MOST).join(', ')}${more}`;
}

function diffCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('diff')
    .summary('what differs from a pip freeze, a lock or constraints of production')
    .argument(
      '<file|image>',
      'lines name==version, the folder of another environment, or an image of the Docker engine with its tag',
    )
    .option('--constraints', 'the file only bounds what is asked for: what one side lacks is no difference')
    .option('--json', 'one JSON object')
    .action(async (file: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<EnvironmentFlags & { readonly constraints?: boolean }>();
      const differences = await withEnvironment(commandHost, flags, async ({ context, environment }) => {
        const here = versions(environment.directory);
        const there = await packagesThere(context, file, environment.pythonVersion);
        return packageDifferences(here, there, flags.constraints);
      });
      const { stdout } = commandHost.host;
      if (flags.json === true) writeLines(stdout, [JSON.stringify({ v: 1, differences })]);
      else if (differences.length === 0) writeLines(stdout, ['Nothing differs.']);
      else {
        const rows = differences.map(({ name, here, there }) => [name, here ?? '-', there ?? '-']);
        writeLines(stdout, columns([['PACKAGE', 'HERE', 'THERE'], ...rows]));
      }
      finish(differences.length === 0 ? 0 : 1);
    });
}

function versions(directory: string): ReadonlyMap<string, string> {
  return new Map(installedPackages(directory).map(({ name, version }) => [name, version]));
}

/** A file or a folder that is there, else an image. */
async function packagesThere(
  context: Context,
  named: string,
  pythonVersion: string,
): Promise<ReadonlyMap<string, string>> {
  const file = path.resolve(context.workingDirectory, named);
  if (existsSync(file) || !IMAGE.test(named)) return pinsOf(file, pythonVersion);
  const { imagePackages } = await import('../runtimes/docker/imagePackages.ts');
  return imagePackages(context, named);
}

/** With a tag or a digest: any word is the name of an image without one. */
const IMAGE = /^[\w./:-]+(?::[\w.-]+|@sha256:[0-9a-f]{64})$/;

function pinsOf(file: string, pythonVersion: string): ReadonlyMap<string, string> {
  try {
    if (readRecord(file) !== undefined) return versions(file);
    readFileSync(file);
    return readPins(file, pythonVersion.split('.').slice(0, 2).join('.'));
  } catch (error) {
    throw new DevenvError({
      code: 'environment_diff_unreadable',
      what: `Can't read ${file}.`,
      why: `The system says ${errorCode(error) ?? String(error)}.`,
      next: [
        'Name a file with lines name==version, such as pip freeze prints, or the folder of an environment',
        'An image is named with its tag: registry.house/airflow:2.11.2',
      ],
      misuse: true,
      cause: error,
    });
  }
}

function exportCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  const format = new Argument('<format>').choices(['requirements', 'constraints', 'dockerfile']);
  return new Command('export')
    .summary('the packages as requirements, as constraints, or a Dockerfile for them')
    .addArgument(format)
    .action(async (chosen: ExportFormat, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<EnvironmentFlags>();
      const lines = await withEnvironment(commandHost, flags, ({ environment }) =>
        exportLines(environment, installedPackages(environment.directory), chosen),
      );
      writeLines(commandHost.host.stdout, lines);
      finish(0);
    });
}
