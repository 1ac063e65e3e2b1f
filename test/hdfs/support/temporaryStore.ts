import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Caller, callerNamed } from '../../../src/hdfs/store/caller.ts';
import { closeStore, openStore, type Store } from '../../../src/hdfs/store/store.ts';
import { openFile } from '../../../src/hdfs/store/readFile.ts';
import { createFile } from '../../../src/hdfs/store/writeFile.ts';

/** A store in a folder of its own, which can be closed and opened again as after a kill: nothing is kept back. */
export interface TemporaryStore {
  store: Store;
  readonly folder: string;
  /** The superuser. */
  root: Caller;
  as(user: string): Caller;
  reopen(): void;
}

export function temporaryStore(options: { readonly now?: () => number } = {}): TemporaryStore {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hdfs-store-'));
  const open = (): Store => openStore({ ...options, folder, superuser: 'hdfs', smallestBlock: 1024 });
  const store = open();
  const temporary: TemporaryStore = {
    store,
    folder,
    root: callerNamed(store, 'hdfs', '127.0.0.1'),
    as: (user) => callerNamed(temporary.store, user, '127.0.0.1'),
    reopen() {
      closeStore(temporary.store);
      temporary.store = open();
      temporary.root = callerNamed(temporary.store, 'hdfs', '127.0.0.1');
    },
  };
  onTestFinished(() => {
    closeStore(temporary.store);
    rmSync(folder, { recursive: true, force: true });
  });
  return temporary;
}

/** Makes a file with contents. */
export async function put(
  { store, root }: TemporaryStore,
  file: string,
  contents: string | Buffer,
  options: { overwrite?: boolean; mode?: number; blockSize?: number; caller?: Caller } = {},
): Promise<void> {
  const { overwrite = false, mode = 0o644, blockSize, caller = root } = options;
  const writer = createFile(store, caller, file, { overwrite, createParent: true, mode, blockSize });
  await writer.write([Buffer.from(contents)]);
  writer.close();
}

/** The contents of a file. */
export function get({ store, root }: TemporaryStore, file: string): string {
  const reader = openFile(store, root, file);
  const bytes = Buffer.alloc(reader.length);
  reader.readSync(bytes, 0);
  reader.close();
  return bytes.toString('utf8');
}
