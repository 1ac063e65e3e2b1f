import { expect, test } from 'vitest';
import { setPermission } from '../../../src/hdfs/store/attributes.ts';
import { allInodes, allRecords } from '../../../src/hdfs/store/image.ts';
import { pathOf } from '../../../src/hdfs/store/inode.ts';
import { fileStatus } from '../../../src/hdfs/store/list.ts';
import { makeDirectories } from '../../../src/hdfs/store/makeDirectories.ts';
import { remove } from '../../../src/hdfs/store/remove.ts';
import { RemoteException } from '../../../src/hdfs/store/remoteException.ts';
import { rename } from '../../../src/hdfs/store/rename.ts';
import { truncate } from '../../../src/hdfs/store/truncate.ts';
import { appendFile } from '../../../src/hdfs/store/writeFile.ts';
import { compareChildren } from '../../../src/hdfs/store/compareFolder.ts';
import { get, put, type TemporaryStore, temporaryStore } from '../support/temporaryStore.ts';

const OPERATIONS = 10_000;

/** What there should be: a directory is `undefined`, a file its contents. */
type Model = Map<string, { contents: string | undefined; mode: number }>;

test(`${OPERATIONS} random operations leave what a simple model says, also after restarts`, async () => {
  const seed = Number(process.env['DEVENV_TEST_SEED'] ?? Date.now() % 1_000_000);
  const random = randomNumbers(seed);
  const store = temporaryStore();
  const model: Model = new Map([['/', { contents: undefined, mode: 0o755 }]]);
  for (let step = 0; step < OPERATIONS; step += 1) {
    expect(await perform(store, random, model), `seed ${seed}, step ${step}`).toBeUndefined();
    if (random(200) === 0) store.reopen();
    if (random(500) === 0) store.store.journal.compact(allRecords(store.store.root));
    if (step % 250 === 0) compare(store, model, `seed ${seed}, step ${step}`);
  }
  compare(store, model, `seed ${seed}, at the end`);
  store.reopen();
  compare(store, model, `seed ${seed}, opened again`);
}, 120_000);

/** One operation, on the store and on the model. @returns what is wrong. */
async function perform(store: TemporaryStore, random: Random, model: Model): Promise<string | undefined> {
  const [one, other] = [randomPath(random), randomPath(random)];
  const text = `${random(1_000_000)}`.repeat(random(4));
  switch (random(8)) {
    case 0: {
      const expected = canMake(model, one) && model.get(one)?.contents === undefined;
      const done = await succeeds(() => makeDirectories(store.store, store.root, one, { mode: 0o755 }));
      if (done) for (const each of [...parents(one), one]) addDirectory(model, each, 0o755);
      return done === expected ? undefined : `mkdirs ${one}: ${done}`;
    }
    case 1: {
      const expected = canMake(model, one) && (!model.has(one) || model.get(one)!.contents !== undefined);
      const done = await succeeds(() => put(store, one, text, { overwrite: true, mode: 0o640 }));
      if (done) {
        for (const each of parents(one)) addDirectory(model, each, inheritedMode(model, one));
        model.set(one, { contents: text, mode: 0o640 });
      }
      return done === expected ? undefined : `create ${one}: ${done}`;
    }
    case 2: {
      const file = model.get(one);
      const done = await succeeds(async () => {
        const writer = appendFile(store.store, store.root, one);
        await writer.write([Buffer.from(text)]);
        writer.close();
      });
      if (done && file?.contents !== undefined) file.contents += text;
      return done === (file?.contents !== undefined) ? undefined : `append ${one}: ${done}`;
    }
    case 3: {
      const expected = model.has(one) && one !== '/';
      let done = false;
      await succeeds(() => (done = remove(store.store, store.root, one, true)));
      if (done) for (const each of below(model, one)) model.delete(each);
      return done === expected ? undefined : `delete ${one}: ${done}`;
    }
    case 4:
    case 5:
      return checkRename(store, model, one, other);
    case 6: {
      const mode = random(0o1000);
      const done = await succeeds(() => setPermission(store.store, store.root, one, mode));
      const found = model.get(one);
      if (done && found !== undefined) found.mode = mode;
      return done === (found !== undefined) ? undefined : `setPermission ${one}: ${done}`;
    }
    default: {
      const file = model.get(one);
      const length = random((file?.contents?.length ?? 0) + 1);
      const done = await succeeds(() => truncate(store.store, store.root, one, length));
      if (done && file?.contents !== undefined) file.contents = file.contents.slice(0, length);
      return done === (file?.contents !== undefined) ? undefined : `truncate ${one}: ${done}`;
    }
  }
}

async function checkRename(
  store: TemporaryStore,
  model: Model,
  from: string,
  to: string,
): Promise<string | undefined> {
  const name = from.slice(from.lastIndexOf('/') + 1);
  const isInto = model.has(to) && model.get(to)!.contents === undefined;
  const target = isInto ? `${to === '/' ? '' : to}/${name}` : to;
  const parent = target.slice(0, target.lastIndexOf('/')) || '/';
  const isSame = target === from;
  const possible =
    model.has(from) &&
    from !== '/' &&
    (isSame ||
      (!model.has(target) &&
        model.has(parent) &&
        model.get(parent)!.contents === undefined &&
        !target.startsWith(`${from}/`)));
  let done = false;
  try {
    done = rename(store.store, store.root, from, to);
  } catch (error) {
    if (!(error instanceof RemoteException)) throw error;
  }
  if (done && !isSame) {
    for (const each of below(model, from)) {
      model.set(target + each.slice(from.length), model.get(each)!);
      model.delete(each);
    }
  }
  return done === possible ? undefined : `rename ${from} to ${to}: ${done}`;
}

function compare(store: TemporaryStore, model: Model, when: string): void {
  const found = new Map<string, unknown>();
  const visit = (path: string): void => {
    const inode = fileStatus(store.store, store.root, path);
    found.set(path, { contents: inode.kind === 'file' ? get(store, path) : undefined, mode: inode.mode });
    if (inode.kind !== 'directory') return;
    compareChildren(store.store, inode);
    for (const child of inode.children.values()) visit(pathOf(child));
  };
  visit('/');
  expect([...found.keys()].sort(), when).toEqual([...model.keys()].sort());
  for (const [path, entry] of model) expect(found.get(path), `${when}: ${path}`).toEqual(entry);
  expect([...allInodes(store.store.root)].length, when).toBe(model.size);
}

function canMake(model: Model, path: string): boolean {
  return parents(path).every((parent) => model.get(parent)?.contents === undefined);
}

function addDirectory(model: Model, path: string, mode: number): void {
  if (!model.has(path)) model.set(path, { contents: undefined, mode });
}

/** What is made on the way to a file has the mode of the directory above, where the owner may write. */
function inheritedMode(model: Model, path: string): number {
  const nearest = parents(path).findLast((parent) => model.has(parent)) ?? '/';
  return (model.get(nearest)!.mode & 0o777) | 0o300;
}

function parents(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

function below(model: Model, path: string): readonly string[] {
  return [...model.keys()].filter((each) => each === path || each.startsWith(`${path}/`));
}

type Random = (below: number) => number;

const NAMES = ['a', 'b', 'c', 'ż', '日', 'p%q', 'x y', '_SUCCESS', '.namenode', 'k=v'];

function randomPath(random: Random): string {
  const depth = random(4);
  const names = Array.from({ length: depth }, () => NAMES[random(NAMES.length)]!);
  return `/${names.join('/')}`;
}

/** A generator that gives the same numbers for the same seed. */
function randomNumbers(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function succeeds(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof RemoteException) return false;
    throw error;
  }
}
