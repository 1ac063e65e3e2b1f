import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readFolder } from './folders.ts';
import { mistakesError } from './mistake.ts';
import type { Mistake } from './mistake.ts';
import { nearestNames } from './nearestNames.ts';
import type { HdfsSeed, SeedFile } from './project.ts';
import type { Config } from './readConfig.ts';
import type { RepositoryRequest } from './repositories.ts';
import type { RepositorySettings } from './schema.ts';

export interface ConfiguredPaths {
  /** Absolute; `undefined` when the file doesn't say, so that looking decides. */
  readonly requirements: readonly string[] | undefined;
  /** Absolute, or an address. */
  readonly constraints: string | undefined;
  readonly repositories: readonly RepositoryRequest[] | undefined;
  /** They need not exist: only who seeds needs them. */
  readonly seed: readonly SeedFile[] | undefined;
  readonly hdfsConf: readonly string[];
  readonly hdfsSeed: readonly HdfsSeed[];
  readonly sparkRequirements: readonly string[];
  readonly sparkDefaults: string | undefined;
  /** Neither of these need exist. */
  readonly artifactsFile: string | undefined;
  readonly artifactOverrides: string | undefined;
  /** Config map -> its files. */
  readonly configMapFiles: Readonly<Record<string, readonly string[]>>;
  /** Image -> what it is built from. */
  readonly imageBuilds: Readonly<Record<string, BuildPaths>>;
}

export interface BuildPaths {
  readonly context: string;
  readonly dockerfile: string;
}

type Kind = 'file' | 'folder' | 'file or folder';

/**
 * Makes the paths in `devenv.yaml` absolute and looks whether they are there.
 *
 * @throws DevenvError `config_path_not_found`, `config_duplicate_repository` with the place in the file.
 */
export async function configuredPaths(config: Config, home: string | undefined): Promise<ConfiguredPaths> {
  const mistakes: Mistake[] = [];
  const base = path.dirname(config.file);
  const { repositories } = config.settings;

  const existing = async (
    from: string,
    names: string | readonly string[],
    keyPath: PropertyKey[],
    kind: Kind,
  ) => {
    const list = typeof names === 'string' ? [names] : names;
    return Promise.all(
      list.map(async (name, index) => {
        const absolute = path.resolve(from, expandHome(name, home));
        const mistake = await missingPath(absolute, kind);
        const place = config.locate(typeof names === 'string' ? keyPath : [...keyPath, index]);
        if (mistake !== undefined) mistakes.push({ ...mistake, ...place });
        return absolute;
      }),
    );
  };

  const request = async (settings: RepositorySettings, index: number): Promise<RepositoryRequest> => {
    const at = ['repositories', index];
    const before = mistakes.length;
    if (typeof settings === 'string') {
      const [root = ''] = await existing(base, settings, at, 'folder');
      return { path: root };
    }
    const [root = ''] = await existing(base, settings.path, [...at, 'path'], 'folder');
    // A missing repository is one mistake, not one for each path in it.
    const missing = mistakes.length > before;
    const inside = async (key: 'dags' | 'plugins' | 'pythonpath') =>
      settings[key] === undefined || missing
        ? undefined
        : existing(root, settings[key], [...at, key], 'folder');
    return {
      path: root,
      name: settings.name,
      dags: await inside('dags'),
      plugins: await inside('plugins'),
      pythonPath: await inside('pythonpath'),
    };
  };

  const names = config.settings.airflow?.requirements;
  const requirements =
    names === undefined ? undefined : await existing(base, names, ['airflow', 'requirements'], 'file');
  const bounds = config.settings.airflow?.constraints;
  const [constraints] =
    bounds === undefined || /^https?:\/\//.test(bounds)
      ? [bounds]
      : await existing(base, bounds, ['airflow', 'constraints'], 'file');
  const requests = repositories && (await inTurn(repositories, request));
  mistakes.push(...duplicates(requests ?? [], config));
  const { conf = [], seed: hdfsSeeds = {} } = config.settings.hdfs ?? {};
  const hdfsConf = await existing(base, conf, ['hdfs', 'conf'], 'file or folder');
  const hdfsSeed = await inTurn(Object.entries(hdfsSeeds), async ([target, name]) => {
    const [source = ''] = await existing(base, name, ['hdfs', 'seed', target], 'file or folder');
    return { target, source };
  });
  const { requirements: sparkNames = [], defaults } = config.settings.spark ?? {};
  const sparkRequirements = await existing(base, sparkNames, ['spark', 'requirements'], 'file');
  const [sparkDefaults] = await existing(base, defaults ?? [], ['spark', 'defaults'], 'file');
  const { config_maps: maps = {}, images = {} } = config.settings.kubernetes ?? {};
  const configMapFiles = await inTurn(Object.entries(maps), async ([name, map]) => {
    const named = map === 'hadoop' ? [] : (map.files ?? []);
    return [
      name,
      await existing(base, named, ['kubernetes', 'config_maps', name, 'files'], 'file or folder'),
    ];
  });
  const imageBuilds = await inTurn(Object.entries(images), async ([name, image]) => {
    if (typeof image === 'string') return [];
    const at = ['kubernetes', 'images', name];
    const before = mistakes.length;
    const [context = ''] = await existing(base, image.build, [...at, 'build'], 'folder');
    const file = image.dockerfile ?? 'Dockerfile';
    const place = [...at, image.dockerfile === undefined ? 'build' : 'dockerfile'];
    const [dockerfile = ''] = mistakes.length > before ? [] : await existing(context, file, place, 'file');
    return [[name, { context, dockerfile }]];
  });
  const { artifacts } = config.settings;
  const { file, overrides } = typeof artifacts === 'object' ? artifacts : { file: artifacts };
  const unchecked = (name: string | undefined) =>
    name === undefined ? undefined : path.resolve(base, expandHome(name, home));
  const [first, ...others] = mistakes;
  if (first !== undefined) throw mistakesError(config.file, [first, ...others]);
  return {
    requirements,
    constraints,
    repositories: requests,
    seed: seedFiles(config, home),
    hdfsConf,
    hdfsSeed,
    sparkRequirements,
    sparkDefaults,
    artifactsFile: unchecked(file),
    artifactOverrides: unchecked(overrides),
    configMapFiles: Object.fromEntries(configMapFiles),
    imageBuilds: Object.fromEntries(imageBuilds.flat()),
  };
}

function seedFiles(config: Config, home: string | undefined): SeedFile[] | undefined {
  const { seed } = config.settings;
  const isMapping = typeof seed === 'object' && !Array.isArray(seed);
  const files = isMapping ? seed.files : seed;
  if (files === undefined) return undefined;
  const isOne = typeof files === 'string';
  const at = isMapping ? ['seed', 'files'] : ['seed'];
  return (isOne ? [files] : files).map((name, index) => ({
    path: path.resolve(path.dirname(config.file), expandHome(name, home)),
    namedAt: { file: config.file, ...config.locate(isOne ? at : [...at, index]) },
  }));
}

async function missingPath(
  absolute: string,
  kind: Kind,
): Promise<Omit<Mistake, 'line' | 'column'> | undefined> {
  const found = await stat(absolute).catch(() => undefined);
  const isThere = { 'file': found?.isFile(), 'folder': found?.isDirectory(), 'file or folder': found };
  if (isThere[kind]) return undefined;
  const parent = path.dirname(absolute);
  const { files, folders } = await readFolder(parent);
  return {
    code: 'config_path_not_found',
    found: found === undefined ? `There is no ${kind} ${absolute}.` : `${absolute} is not a ${kind}.`,
    nearest: nearestNames(
      path.basename(absolute),
      { 'file': files, 'folder': folders, 'file or folder': [...files, ...folders] }[kind],
    ),
  };
}

function duplicates(requests: readonly RepositoryRequest[], config: Config): Mistake[] {
  return requests.flatMap(({ path: root, name }, index) => {
    const earlier = requests.slice(0, index);
    const same = earlier.some((each) => each.path === root || (name !== undefined && each.name === name));
    if (!same) return [];
    return {
      code: 'config_duplicate_repository' as const,
      found: earlier.some((each) => each.path === root)
        ? `The repository ${root} is listed twice.`
        : `Two repositories are named "${name}".`,
      allowed: 'Each repository is listed once, and each name given to one.',
      ...config.locate(['repositories', index]),
    };
  });
}

async function inTurn<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) results.push(await work(item, index));
  return results;
}

function expandHome(name: string, home: string | undefined): string {
  return home !== undefined && (name === '~' || name.startsWith('~/'))
    ? path.join(home, name.slice(1))
    : name;
}
