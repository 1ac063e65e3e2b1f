import path from 'node:path';
import type { PackageSource } from './packageSource.ts';

/** The programs of this machine that can be used; absolute. */
export interface PackageTools {
  readonly uv: string;
  /** conda, mamba or micromamba. */
  readonly conda: string | undefined;
  /** docker or podman. */
  readonly container: string | undefined;
  /** `linux/amd64` */
  readonly platform: string;
}

export interface PackageChoice {
  /** Folder that is used while it is built, and removed. */
  readonly aside: string;
  /** Absolute. */
  readonly output: string;
  /** For which the archive is; `undefined` for this machine. */
  readonly platform: string | undefined;
  /** Interpreter or version for environments that ask for none. */
  readonly defaultPython: string;
}

export interface PackageStep {
  readonly text: string;
  readonly program: string;
  readonly args: readonly string[];
}

export interface PackagePlan {
  readonly kind: 'conda' | 'venv' | 'container';
  readonly steps: readonly PackageStep[];
}

/** Needed by the tool itself, in an environment of its own. */
const VENV_PACK = ['--with', 'venv-pack', '--with', 'setuptools<81'];

/**
 * How an environment is built and packed: with conda where the project describes one and conda is there; with uv and
 * venv-pack otherwise; in a container for another platform. `undefined` when that would need a container and there is
 * no program for them.
 */
export function planPackage(
  source: PackageSource,
  tools: PackageTools,
  choice: PackageChoice,
): PackagePlan | undefined {
  const isElsewhere = choice.platform !== undefined && choice.platform !== tools.platform;
  if (isElsewhere) {
    if (tools.container === undefined) return undefined;
    return { kind: 'container', steps: [containerStep(source, tools.container, choice)] };
  }
  if (source.condaFile !== undefined && tools.conda !== undefined)
    return { kind: 'conda', steps: condaSteps(source, tools.conda, choice) };
  return { kind: 'venv', steps: venvSteps(source, tools.uv, choice) };
}

function venvSteps(
  source: PackageSource,
  uv: string,
  { aside, output, defaultPython }: PackageChoice,
): PackageStep[] {
  const environment = path.join(aside, 'venv');
  const python = source.python ?? defaultPython;
  const wanted = [
    ...source.requirements.flatMap((file) => ['-r', file]),
    ...(source.isInstallable ? [source.folder] : []),
  ];
  const own = path.join(environment, 'bin', 'python');
  return [
    {
      text: `Creating an environment for Python ${python}`,
      program: uv,
      // Programs of the environment find it by their own place: venv-pack mends only those it knows.
      args: ['venv', '--no-project', '--relocatable', '--python', python, environment],
    },
    ...(wanted.length === 0
      ? []
      : [
          {
            text: `Installing ${source.name}`,
            program: uv,
            args: ['pip', 'install', '--python', own, ...wanted],
          },
        ]),
    {
      text: `Packing ${path.basename(output)}`,
      program: uv,
      args: [
        ...['run', '--no-project', '--isolated', '--python', own, ...VENV_PACK],
        ...['venv-pack', '--force', '--format', 'tar.gz', '--prefix', environment, '--output', output],
      ],
    },
  ];
}

function condaSteps(source: PackageSource, conda: string, { aside, output }: PackageChoice): PackageStep[] {
  const environment = path.join(aside, 'env');
  const inside = (...words: string[]): readonly string[] => ['run', '--prefix', environment, ...words];
  const wanted = [
    ...source.requirements.flatMap((file) => ['-r', file]),
    ...(source.isInstallable ? [source.folder] : []),
  ];
  return [
    {
      text: `Creating the environment of ${path.basename(source.condaFile ?? '')}`,
      program: conda,
      args: ['env', 'create', '--yes', '--prefix', environment, '--file', source.condaFile ?? ''],
    },
    {
      text: `Installing ${source.name}`,
      program: conda,
      args: inside('python', '-m', 'pip', 'install', ...wanted, 'conda-pack'),
    },
    {
      text: `Packing ${path.basename(output)}`,
      program: conda,
      args: inside(
        'conda-pack',
        '--force',
        '--format',
        'tar.gz',
        '--prefix',
        environment,
        '--output',
        output,
      ),
    },
  ];
}

function containerStep(source: PackageSource, container: string, choice: PackageChoice): PackageStep {
  const version = source.python ?? /\d+\.\d+/.exec(choice.defaultPython)?.[0] ?? '3.11';
  const folder = path.dirname(choice.output);
  const wanted = [
    ...source.requirements.map((file) => `-r /project/${path.relative(source.folder, file)}`),
    ...(source.isInstallable ? ['/tmp/project'] : []),
  ].join(' ');
  const script = [
    'set -e',
    // Building leaves files in the folder of the project, which is not ours to write to.
    'cp -r /project /tmp/project',
    'python -m venv /opt/venv',
    `/opt/venv/bin/pip install --no-cache-dir ${wanted}`,
    "pip install --no-cache-dir venv-pack 'setuptools<81'",
    `venv-pack --force --format tar.gz --prefix /opt/venv --output '/out/${path.basename(choice.output)}'`,
  ].join('\n');
  return {
    text: `Building ${path.basename(choice.output)} for ${choice.platform ?? ''} in a container`,
    program: container,
    args: [
      ...['run', '--rm', '--platform', choice.platform ?? ''],
      ...['--volume', `${source.folder}:/project:ro`, '--volume', `${folder}:/out`],
      ...[`python:${version}-slim`, 'sh', '-c', script],
    ],
  };
}
