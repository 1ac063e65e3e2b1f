import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type PackageTools, planPackage } from '../../src/artifacts/package/packagePlan.ts';
import { type PackageSource, readPackageSource } from '../../src/artifacts/package/packageSource.ts';
import { temporaryFolder } from './support.ts';

const TOOLS: PackageTools = {
  uv: '/bin/uv',
  conda: undefined,
  container: '/bin/docker',
  platform: 'linux/arm64',
};
const CHOICE = { aside: '/aside', output: '/job/venv.tar.gz', platform: undefined, defaultPython: '3.11' };
const SOURCE: PackageSource = {
  folder: '/job',
  name: 'job',
  version: '1.0',
  python: undefined,
  condaFile: undefined,
  requirements: ['/job/requirements.txt'],
  isInstallable: true,
};

function commands(
  source: Partial<PackageSource>,
  tools: Partial<PackageTools> = {},
  platform?: string,
): string[] {
  const plan = planPackage({ ...SOURCE, ...source }, { ...TOOLS, ...tools }, { ...CHOICE, platform });
  return (plan?.steps ?? []).map(({ program, args }) => [program, ...args].join(' '));
}

test('a virtual environment is built with uv and packed with venv-pack', () => {
  expect(commands({})).toEqual([
    '/bin/uv venv --no-project --relocatable --python 3.11 /aside/venv',
    '/bin/uv pip install --python /aside/venv/bin/python -r /job/requirements.txt /job',
    '/bin/uv run --no-project --isolated --python /aside/venv/bin/python --with venv-pack --with setuptools<81 ' +
      'venv-pack --force --format tar.gz --prefix /aside/venv --output /job/venv.tar.gz',
  ]);
});

test('conda makes what is described for it, where it is there', () => {
  const condaFile = '/job/conda-environment.yaml';
  expect(commands({ condaFile, python: '3.10' })[0]).toContain('--python 3.10');
  expect(commands({ condaFile }, { conda: '/bin/mamba' })).toEqual([
    '/bin/mamba env create --yes --prefix /aside/env --file /job/conda-environment.yaml',
    '/bin/mamba run --prefix /aside/env python -m pip install -r /job/requirements.txt /job conda-pack',
    '/bin/mamba run --prefix /aside/env conda-pack --force --format tar.gz --prefix /aside/env --output /job/venv.tar.gz',
  ]);
});

test('for another platform a container builds it, without writing to the project', () => {
  const [command = '', ...others] = commands({ python: '3.9' }, {}, 'linux/amd64');
  expect(others).toEqual([]);
  expect(command).toContain('run --rm --platform linux/amd64 --volume /job:/project:ro --volume /job:/out');
  expect(command).toContain('python:3.9-slim');
  expect(commands({}, {}, 'linux/arm64')[0]).toContain('/bin/uv venv');
  expect(commands({}, { container: undefined }, 'linux/amd64')).toEqual([]);
});

test('what a folder has to make an environment from', async () => {
  const folder = await temporaryFolder();
  const write = async (name: string, text: string) => writeFile(path.join(folder, name), text);
  await expect(readPackageSource(folder)).rejects.toMatchObject({ code: 'package_source_unusable' });
  await write('requirements.txt', 'humanize\n');
  expect(await readPackageSource(folder)).toMatchObject({
    name: path.basename(folder),
    isInstallable: false,
  });
  await write('conda-environment.yaml', 'dependencies:\n  - python=3.10\n  - pip\n');
  await write(
    'pyproject.toml',
    '[project]\nname = "tone_check"\nversion = "0.0.1"\nrequires-python = ">=3.9"\n',
  );
  expect(await readPackageSource(folder)).toMatchObject({
    name: 'tone_check',
    version: '0.0.1',
    python: '3.10',
    isInstallable: true,
    requirements: [path.join(folder, 'requirements.txt')],
  });
  await mkdir(path.join(folder, 'empty'));
  await expect(readPackageSource(path.join(folder, 'none'))).rejects.toMatchObject({ misuse: true });
});
