import { lstat, readdir, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/** What YARN unpacks, by the end of the file's name (`FSDownload`), and the program that does it here. */
const FORMATS = [
  { ends: ['.tar.gz', '.tgz', '.tar'], command: tar },
  { ends: ['.zip', '.jar'], command: unzip },
] as const;

type Surroundings = Pick<Context, 'env' | 'signal'>;

/** Whether YARN would unpack a file of this name; it leaves any other one a file. */
export function isArchive(name: string): boolean {
  return formatOf(name) !== undefined;
}

/**
 * Unpacks an archive into a folder that is made.
 *
 * @param name the file's name at its source: that tells the format.
 * @param python an interpreter, for zip files.
 * @throws DevenvError `spark_archive_damaged`; the signal's reason when aborted.
 */
export async function unpackArchive(
  context: Surroundings,
  archive: { readonly file: string; readonly name: string },
  folder: string,
  python: string,
): Promise<void> {
  const format = formatOf(archive.name);
  if (format === undefined) throw new Error(`${archive.name} is no archive`);
  await makePrivateFolder(folder);
  const [program, ...args] = format.command(archive.file, folder, python);
  const result = await runCommand(program ?? '', args, {
    env: context.env,
    signal: context.signal,
    allowFailure: true,
  });
  if (result.exitCode === 0) return;
  await rm(folder, { recursive: true, force: true });
  throw new DevenvError({
    code: 'spark_archive_damaged',
    what: `The archive ${archive.name} can't be unpacked.`,
    why: result.stderr.trim().split('\n').slice(-5).join('\n'),
    next: ['Build or download it anew; devenv artifacts sync --force does for one of artifacts.yaml'],
  });
}

/**
 * The interpreter that an unpacked environment points at and that is not on this machine: archives made with
 * venv-pack hold a link to the Python that they were built with.
 */
export async function missingInterpreter(folder: string): Promise<string | undefined> {
  const bin = path.join(folder, 'bin');
  const names = (await readdir(bin).catch(() => [])).filter((name) => /^python(?:\d[\d.]*)?$/.test(name));
  for (const name of names) {
    const target = await danglingTarget(path.join(bin, name));
    if (target !== undefined) return target;
  }
  return undefined;
}

async function danglingTarget(link: string): Promise<string | undefined> {
  if (!(await lstat(link)).isSymbolicLink()) return undefined;
  try {
    await realpath(link);
    return undefined;
  } catch {
    return readlink(link);
  }
}

function formatOf(name: string): (typeof FORMATS)[number] | undefined {
  const lower = name.toLowerCase();
  return FORMATS.find(({ ends }) => ends.some((end) => lower.endsWith(end)));
}

function tar(file: string, folder: string): readonly string[] {
  // As root, tar would give files to the numbers of whoever has packed them.
  return ['tar', '-x', '--no-same-owner', '-f', file, '-C', folder];
}

/** Every machine with Airflow has a Python, and few have unzip. Modes are kept, which `zipfile` alone does not. */
function unzip(file: string, folder: string, python: string): readonly string[] {
  return [python, '-I', '-c', UNZIP, file, folder];
}

const UNZIP = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for each in archive.infolist():
        target = archive.extract(each, sys.argv[2])
        mode = each.external_attr >> 16 & 0o777
        if mode and not each.is_dir():
            os.chmod(target, mode | 0o600)
`;
