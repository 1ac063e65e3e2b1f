import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Context } from '../context.ts';
import { cacheDirectory } from '../platform/paths.ts';

/**
 * Where a Python of this minor version may be, though it is not on PATH, as with pyenv when its shim leads to another
 * one: the folders of its programs, the newest patch first within each manager.
 */
export function pythonFolders(context: Pick<Context, 'env' | 'platform'>, minor: string): readonly string[] {
  const { env } = context;
  const home = env['HOME'] ?? homedir();
  const data = env['XDG_DATA_HOME'] || path.join(home, '.local', 'share');
  const versions = [
    path.join(env['PYENV_ROOT'] || path.join(home, '.pyenv'), 'versions'),
    path.join(env['ASDF_DATA_DIR'] || path.join(home, '.asdf'), 'installs', 'python'),
    path.join(env['MISE_DATA_DIR'] || path.join(data, 'mise'), 'installs', 'python'),
  ];
  const uv = [
    env['UV_PYTHON_INSTALL_DIR'] || path.join(data, 'uv', 'python'),
    path.join(cacheDirectory(context), 'python'),
  ];
  const conda = ['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge'].map((name) => path.join(home, name));
  const condas = [env['CONDA_PREFIX'], ...conda].filter((folder) => folder !== undefined);
  const homebrew = ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'];
  return [
    ...versions.flatMap((folder) => named(folder, (name) => name.startsWith(`${minor}.`) || name === minor)),
    ...uv.flatMap((folder) => named(folder, (name) => name.startsWith(`cpython-${minor}.`))),
    ...homebrew.map((folder) => path.join(folder, 'opt', `python@${minor}`)),
    ...condas.flatMap((folder) => [folder, ...named(path.join(folder, 'envs'), () => true)]),
    '/usr/local',
    '/usr',
  ].map((folder) => path.join(folder, 'bin'));
}

function named(folder: string, isMeant: (name: string) => boolean): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter(isMeant)
    .toSorted((left, right) => right.localeCompare(left, 'en', { numeric: true }))
    .map((name) => path.join(folder, name));
}
