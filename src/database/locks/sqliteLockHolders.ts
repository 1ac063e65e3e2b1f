import { readdir, readFile, readlink, stat } from 'node:fs/promises';

export interface FileLocks {
  /** Who may write now, or is about to. */
  readonly writers: readonly number[];
  /** Who reads, and holds the end of a writer's transaction up. */
  readonly readers: readonly number[];
}

/**
 * Which processes hold SQLite's locks on a database file. Linux tells it; elsewhere nothing is found.
 */
export async function sqliteLocks(file: string): Promise<FileLocks> {
  const text = await readFile('/proc/locks', 'utf8').catch(() => '');
  if (text === '') return { writers: [], readers: [] };
  const names = [file, `${file}-shm`];
  const inodes = await Promise.all(
    names.map((name) =>
      stat(name).then(
        (found) => found.ino,
        () => 0,
      ),
    ),
  );
  const locks = parseLocks(text).filter((each) => inodes.includes(each.inode));
  const pids = [...new Set(locks.map((each) => each.pid))];
  // File systems number their files alike.
  const open = new Set<number>();
  for (const pid of pids) if (await hasOpen(pid, new Set(names))) open.add(pid);
  const those = (mode: 'READ' | 'WRITE'): number[] => [
    ...new Set(locks.filter((each) => each.mode === mode && open.has(each.pid)).map((each) => each.pid)),
  ];
  return { writers: those('WRITE'), readers: those('READ') };
}

interface FileLock {
  readonly mode: 'READ' | 'WRITE';
  readonly pid: number;
  readonly inode: number;
}

/** Granted ones of `/proc/locks`: `1: POSIX  ADVISORY  WRITE 4711 fe:00:1004 1073741824 1073742335`. Pure. */
export function parseLocks(text: string): readonly FileLock[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+(READ|WRITE)\s+(\d+)\s+\S+:(\d+)\s/.exec(line);
    if (found === null) return [];
    return [{ mode: found[1] as 'READ' | 'WRITE', pid: Number(found[2]), inode: Number(found[3]) }];
  });
}

/** Whether a process of this user has one of the files open. Linux only. */
export async function hasOpen(pid: number, files: ReadonlySet<string>): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const target = await readlink(`${directory}/${name}`).catch(() => '');
    if (files.has(target.replace(/ \(deleted\)$/, ''))) return true;
  }
  return false;
}
