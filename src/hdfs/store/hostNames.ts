/** Our own folder in the root of the data: the journal, snapshots, what is being deleted. */
export const OWN_FOLDER = '.namenode';

/**
 * The name under which the host keeps an HDFS name. Nearly always the same. Escaped are names that no host can
 * hold (a NUL), that mean our own folder, or that look escaped; `taken` says whether the host takes the name for
 * another one's, as file systems do that know no case (macOS).
 *
 * @returns undefined when it is the same.
 */
export function hostNameFor(
  name: string,
  inRoot: boolean,
  taken: (hostName: string) => boolean,
): string | undefined {
  const impossible = name.includes('\0') || name.startsWith(PREFIX) || (inRoot && name === OWN_FOLDER);
  if (!impossible && !taken(name)) return undefined;
  return fit(PREFIX + escape(name, !impossible));
}

/** The HDFS name of a file that was found under a host name. */
export function nameFromHost(hostName: string): string {
  if (!hostName.startsWith(PREFIX)) return hostName;
  try {
    const name = decodeURIComponent(hostName.slice(PREFIX.length));
    return isOneName(name) ? name : hostName;
  } catch {
    return hostName;
  }
}

/** Whether it names an entry of a folder: `.` and `..` are the folder itself and another one. */
export function isOneName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/');
}

const PREFIX = '.hdfs-name=';
const LONGEST_BYTES = 255;

/** Percent-encoding that `decodeURIComponent` undoes; with `everyLetter`, what differs in case differs in more. */
function escape(name: string, everyLetter: boolean): string {
  const pattern = everyLetter ? /[^a-z0-9._=-]/g : /[\0%/]/g;
  return name
    .replaceAll(pattern, (letter) => percentEncoded(letter))
    .replaceAll(/\p{Surrogate}/gu, '%EF%BF%BD');
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

/** Names may be longer when they are escaped; the rest is remembered with the inode. */
function fit(hostName: string): string {
  const bytes = Buffer.from(hostName);
  if (bytes.length <= LONGEST_BYTES) return hostName;
  return (
    bytes
      .subarray(0, LONGEST_BYTES - SUFFIX_BYTES)
      .toString('latin1')
      .replaceAll(/%.?$/g, '') + suffixOf(hostName)
  );
}

const SUFFIX_BYTES = 17;

/** FNV-1a, twice: tells long escaped names apart. */
function suffixOf(text: string): string {
  let [one, other] = [0x811c9dc5, 0x01000193];
  for (const byte of Buffer.from(text)) {
    one = Math.imul(one ^ byte, 0x01000193);
    other = Math.imul(other ^ byte, 0x811c9dc5);
  }
  return `~${(one >>> 0).toString(16).padStart(8, '0')}${(other >>> 0).toString(16).padStart(8, '0')}`;
}
