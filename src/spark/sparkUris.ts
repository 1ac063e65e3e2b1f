import path from 'node:path';

/** One entry of `--files`, `--archives` or the like. */
export interface ListedFile {
  /** An absolute path, or a URI of another scheme than `file`; without the alias. */
  readonly source: string;
  readonly isLocal: boolean;
  /** Its name in the working directory of a YARN container: what stands behind `#`, else the file's own. */
  readonly alias: string;
}

/** `a.txt,hdfs://…/env.tgz#venv`; relative paths count from `directory`. */
export function listedFiles(list: string | undefined, directory: string): ListedFile[] {
  return (list ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => listedFile(each, directory));
}

function listedFile(text: string, directory: string): ListedFile {
  const at = text.lastIndexOf('#');
  const [location, alias] = at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  const local = localPath(location, directory);
  const source = local ?? location;
  const name = alias || path.posix.basename(source.replace(/[?].*$/, ''));
  return { source, isLocal: local !== undefined, alias: inside(name) };
}

/** An alias names something in the container's folder, whatever it says. */
function inside(name: string): string {
  return path.posix.normalize(`/${name}`).replace(/^\/+|\/+$/g, '') || 'file';
}

/** The absolute path of a local file; `undefined` when another file system holds it. */
export function localPath(location: string, directory: string): string | undefined {
  const scheme = schemeOf(location);
  if (scheme === undefined) return path.resolve(directory, location);
  if (scheme !== 'file' && scheme !== 'local') return undefined;
  return decoded(location.replace(/^\w+:(?:\/\/[^/]*)?/, ''));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that stands for itself.
    return text;
  }
}

/** Whether our own client can fetch it. */
export function isOnHdfs(location: string): boolean {
  return ['hdfs', 'webhdfs', 'viewfs'].includes(schemeOf(location) ?? '');
}

export function isOnWeb(location: string): boolean {
  return ['http', 'https'].includes(schemeOf(location) ?? '');
}

function schemeOf(location: string): string | undefined {
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(location)?.[1]?.toLowerCase();
}
