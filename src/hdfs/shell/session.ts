import path from 'node:path';
import type { WebHdfsFiles } from '../client/webHdfsFiles.ts';
import type { HdfsPlace } from '../daemon/hdfsPlace.ts';
import type { FileSystem, Item, PresentItem } from './fileSystem.ts';
import { globExpression, hasWildcard, literalName, splitAlternatives } from './glob.ts';
import { localFileSystem } from './localFileSystem.ts';
import { pathProblem, usageProblem } from './shellProblem.ts';

/** What a command has of the terminal. */
export interface ShellIo {
  /** Standard output; resolves when more may be written. */
  readonly write: (bytes: Uint8Array | string) => Promise<void>;
  /** A line on standard error. */
  readonly warn: (line: string) => void;
  readonly input: AsyncIterable<Uint8Array>;
  readonly workingDirectory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface SessionOptions {
  readonly files: WebHdfsFiles;
  readonly hdfs: FileSystem;
  readonly nameservice: string;
  readonly user: string;
  readonly io: ShellIo;
  /** Hadoop's properties: the project's, and what `-D` gives. */
  readonly property: (name: string) => string | undefined;
  readonly mount: Mount;
}

/** Where the project's HDFS is. */
export interface Mount {
  readonly place: HdfsPlace;
  /** `.devenv` of the project. */
  readonly stateDirectory: string;
}

/** What one command line works with. */
export class ShellSession {
  readonly files: WebHdfsFiles;
  readonly hdfs: FileSystem;
  readonly local: FileSystem = localFileSystem();
  readonly nameservice: string;
  readonly user: string;
  readonly io: ShellIo;
  readonly property: SessionOptions['property'];
  readonly mount: Mount;

  constructor(options: SessionOptions) {
    this.files = options.files;
    this.hdfs = options.hdfs;
    this.nameservice = options.nameservice;
    this.user = options.user;
    this.io = options.io;
    this.property = options.property;
    this.mount = options.mount;
  }

  /** A path that a person wrote, with what is there. */
  async item(shown: string, kind: 'hdfs' | 'file' = 'hdfs'): Promise<Item> {
    const { fileSystem, path: absolute } = this.#place(shown, kind);
    return { fileSystem, path: absolute, shown, status: await fileSystem.status(absolute) };
  }

  /**
   * The items that a pattern matches, sorted; for a plain path the item itself, also when nothing is there.
   *
   * @throws DevenvError `hdfs_path` when nothing matches.
   */
  async glob(pattern: string): Promise<readonly Item[]> {
    if (!hasWildcard(pattern)) return [await this.item(literalName(pattern))];
    const found: Item[] = [];
    for (const each of splitAlternatives(pattern)) found.push(...(await this.#matching(each)));
    if (found.length === 0) throw pathProblem(pattern, 'No such file or directory');
    return found;
  }

  /** Sorted by name. */
  async children(item: Item): Promise<readonly PresentItem[]> {
    const found = await item.fileSystem.list(item.path);
    return found
      .map((status) => ({
        fileSystem: item.fileSystem,
        path: path.posix.join(item.path, status.name),
        shown: childName(item.shown, status.name),
        status,
      }))
      .toSorted((left, right) => (left.path < right.path ? -1 : 1));
  }

  async child(item: Item, name: string): Promise<Item> {
    const inside = path.posix.join(item.path, name);
    const status = await item.fileSystem.status(inside);
    return { fileSystem: item.fileSystem, path: inside, shown: childName(item.shown, name), status };
  }

  /** `hdfs://analytics-hadoop/a/b` */
  qualified({ fileSystem, path: absolute }: Pick<Item, 'fileSystem' | 'path'>): string {
    return fileSystem.scheme === 'file' ? `file://${absolute}` : `hdfs://${this.nameservice}${absolute}`;
  }

  get home(): string {
    return `/user/${this.user}`;
  }

  #place(shown: string, kind: 'hdfs' | 'file'): { readonly fileSystem: FileSystem; readonly path: string } {
    const [, scheme, authority = '', rest] = /^(\w+):(\/\/[^/]*)?(\/.*)?$/.exec(shown) ?? [];
    if (scheme === undefined) {
      return kind === 'hdfs'
        ? { fileSystem: this.hdfs, path: normal(path.posix.resolve(this.home, shown)) }
        : { fileSystem: this.local, path: path.resolve(this.io.workingDirectory, shown) };
    }
    if (scheme === 'file') return { fileSystem: this.local, path: normal(rest ?? '/') };
    if (/^(?:hdfs|webhdfs|viewfs)$/.test(scheme)) {
      this.#checkAuthority(authority.slice(2));
      return { fileSystem: this.hdfs, path: normal(rest ?? '/') };
    }
    throw pathProblem(shown, `No FileSystem for scheme "${scheme}"`);
  }

  /** Hadoop's words for a name that nothing stands behind. */
  #checkAuthority(authority: string): void {
    const host = authority.replace(/^.*@|:\d+$/g, '').toLowerCase();
    const own = ['', this.nameservice.toLowerCase(), this.mount.place.address, 'localhost'];
    if (own.includes(host)) return;
    throw usageProblem(`java.net.UnknownHostException: ${host} (this HDFS is ${this.nameservice})`);
  }

  async #matching(pattern: string): Promise<readonly Item[]> {
    const { fileSystem, path: absolute } = this.#place(pattern, 'hdfs');
    const prefix = /^\w+:(?:\/\/[^/]*)?/.exec(pattern)?.[0] ?? '';
    const isRelative = prefix === '' && !pattern.startsWith('/');
    const shownOf = (found: string): string => {
      if (!isRelative) return `${prefix}${found}`;
      return path.posix.relative(this.home, found) || '.';
    };
    let paths = ['/'];
    for (const name of absolute.split('/').filter((each) => each !== '')) {
      paths = (await Promise.all(paths.map((each) => below(fileSystem, each, name)))).flat();
    }
    const items = await Promise.all(
      paths.map(async (each) => ({
        fileSystem,
        path: each,
        shown: shownOf(each),
        status: await fileSystem.status(each),
      })),
    );
    return items.filter((each) => each.status !== undefined);
  }
}

async function below(fileSystem: FileSystem, folder: string, name: string): Promise<string[]> {
  if (!hasWildcard(name)) return [path.posix.join(folder, literalName(name))];
  if ((await fileSystem.status(folder))?.type !== 'DIRECTORY') return [];
  const expression = globExpression(name);
  const names = (await fileSystem.list(folder)).map((each) => each.name);
  return names
    .filter((each) => expression.test(each))
    .toSorted()
    .map((each) => path.posix.join(folder, each));
}

/** Children of the working folder are shown by their names alone. */
function childName(shown: string, name: string): string {
  if (shown === '.') return name;
  return shown.endsWith('/') ? `${shown}${name}` : `${shown}/${name}`;
}

/** Without a slash at the end; `.` and `..` resolved. */
function normal(absolute: string): string {
  return path.posix.resolve('/', absolute);
}
