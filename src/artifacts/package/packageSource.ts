import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { DevenvError } from '../../errors.ts';

/** The project of a job, as far as its environment is concerned. */
export interface PackageSource {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly version: string | undefined;
  /** `3.11`, where the project asks for one. */
  readonly python: string | undefined;
  /** Absolute; conda's description of an environment. */
  readonly condaFile: string | undefined;
  /** Absolute requirements files. */
  readonly requirements: readonly string[];
  /** Whether the folder itself can be installed. */
  readonly isInstallable: boolean;
}

const CONDA_FILES = [
  'conda-environment.yaml',
  'conda-environment.yml',
  'environment.yaml',
  'environment.yml',
];

/**
 * Looks what the folder of a job's project has to make an environment from.
 *
 * @throws DevenvError `package_source_unusable` (misuse).
 */
export async function readPackageSource(folder: string): Promise<PackageSource> {
  const names = new Set(await readdir(folder).catch(() => []));
  const condaFile = CONDA_FILES.find((name) => names.has(name));
  const read = async (name: string): Promise<string> =>
    names.has(name) ? readFile(path.join(folder, name), 'utf8') : '';
  const [pyproject, setupCfg, conda] = await Promise.all([
    read('pyproject.toml'),
    read('setup.cfg'),
    read(condaFile ?? ''),
  ]);
  const isInstallable =
    names.has('setup.py') || setupCfg !== '' || /^\[(?:project|build-system)\]/m.test(pyproject);
  const requirements = names.has('requirements.txt') ? [path.join(folder, 'requirements.txt')] : [];
  if (!isInstallable && requirements.length === 0 && condaFile === undefined)
    throw unusable(folder, (await stat(folder).catch(() => undefined)) !== undefined);
  return {
    folder,
    name: valueOf(pyproject, 'name') ?? valueOf(setupCfg, 'name') ?? path.basename(folder),
    version: valueOf(pyproject, 'version') ?? valueOf(setupCfg, 'version'),
    python: pythonOf(conda) ?? requiredPython(pyproject),
    condaFile: condaFile === undefined ? undefined : path.join(folder, condaFile),
    requirements,
    isInstallable,
  };
}

/** `name = "x"` of TOML and `name = x` of an INI file; a version that is computed is none. */
function valueOf(text: string, key: string): string | undefined {
  return new RegExp(`^${key}\\s*=\\s*["']?([\\w.+-]+)["']?\\s*$`, 'm').exec(text)?.[1];
}

/** `- python=3.7` */
function pythonOf(conda: string): string | undefined {
  return /^\s*-\s*["']?python\s*={1,2}\s*(\d+\.\d+)/m.exec(conda)?.[1];
}

/** `requires-python = "==3.11.*"` names one; a lower bound leaves the choice. */
function requiredPython(pyproject: string): string | undefined {
  return /^requires-python\s*=\s*["']\s*(?:==|~=)\s*(3\.\d+)/m.exec(pyproject)?.[1];
}

function unusable(folder: string, exists: boolean): DevenvError {
  return new DevenvError({
    code: 'package_source_unusable',
    what: exists
      ? `There is nothing in ${folder} to make an environment from.`
      : `There is no folder ${folder}.`,
    why: 'It takes a pyproject.toml, a setup.py or setup.cfg, a requirements.txt or a conda-environment.yaml.',
    next: ['Name the folder of the job: devenv package PROJECT'],
    misuse: true,
  });
}
