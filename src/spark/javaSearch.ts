import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { findProgram } from '../platform/findProgram.ts';

/** A Java installation. */
export interface Java {
  /** What `JAVA_HOME` is set to. */
  readonly home: string;
  /** `8`, `17`, …; `undefined` when it does not tell. */
  readonly major: number | undefined;
}

type Surroundings = Pick<Context, 'env' | 'platform'>;

/**
 * The Java to run this Spark with: of those on the machine the first that it was made for, else the first at all.
 * Starts nothing.
 *
 * @throws DevenvError `java_not_found`, `java_unsuitable`.
 */
export function findJava(context: Surroundings, sparkVersion: string): Java {
  const suitable = suitableJavas(sparkVersion);
  const found = listJavas(context);
  const [first] = found;
  if (first === undefined) throw javaNotFound(context.platform, sparkVersion, suitable);
  const chosen = found.find(({ major }) => major !== undefined && suitable.includes(major));
  if (chosen !== undefined) return chosen;
  // One that tells nothing may well do.
  const unknown = found.find(({ major }) => major === undefined);
  if (unknown !== undefined) return unknown;
  throw javaUnsuitable(context.platform, found, sparkVersion, suitable);
}

/** Every Java that is found, the person's choice (`JAVA_HOME`) first, then the one on PATH. */
function listJavas(context: Surroundings): Java[] {
  const homes = new Set<string>();
  for (const candidate of candidates(context)) {
    const home = homeOf(candidate);
    if (home !== undefined) homes.add(home);
  }
  return [...homes].map((home) => ({ home, major: majorOf(home) }));
}

/** From the notes of Spark's releases; newer Javas have lost what its Hadoop client calls. */
function suitableJavas(sparkVersion: string): readonly number[] {
  const [major = 0, minor = 0] = sparkVersion.split('.').map(Number);
  if (major >= 4) return [17, 21];
  if (major === 3 && minor >= 3) return [17, 11, 8];
  return major === 3 ? [11, 8] : [8];
}

function candidates({ env, platform }: Surroundings): string[] {
  const onPath = findProgram('java', env);
  const folders =
    platform === 'darwin'
      ? ['/Library/Java/JavaVirtualMachines', `${env['HOME'] ?? ''}/Library/Java/JavaVirtualMachines`]
      : ['/usr/lib/jvm', '/usr/java', '/opt/java'];
  const home = env['HOME'] ?? '';
  const managed = [`${home}/.sdkman/candidates/java`, `${home}/.jdks`, `${home}/.asdf/installs/java`];
  const found = [...folders, ...managed].flatMap((folder) =>
    entriesOf(folder).flatMap((name) => [
      path.join(folder, name),
      path.join(folder, name, 'Contents', 'Home'),
    ]),
  );
  const brewed = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((folder) =>
    entriesOf(folder)
      .filter((name) => name.startsWith('openjdk'))
      .map((name) => path.join(folder, name, 'libexec', 'openjdk.jdk', 'Contents', 'Home')),
  );
  return [
    env['JAVA_HOME'] ?? '',
    onPath === undefined ? '' : path.dirname(path.dirname(realPath(onPath))),
    ...found,
    ...brewed,
  ].filter((each) => path.isAbsolute(each));
}

/** The real path of an installation; macOS has a `java` that only says that there is none, without this layout. */
function homeOf(candidate: string): string | undefined {
  try {
    accessSync(path.join(candidate, 'bin', 'java'), constants.X_OK);
  } catch {
    return undefined;
  }
  // Java 8 as a package on its own: /usr/lib/jvm/java-8/jre
  const home = realPath(candidate);
  if (home === '/usr') return undefined;
  return path.basename(home) === 'jre' && majorOf(home) === undefined ? path.dirname(home) : home;
}

/** Every Java since 8 tells its version in a file: `JAVA_VERSION="17.0.12"`, `"1.8.0_392"`. */
function majorOf(home: string): number | undefined {
  try {
    const release = readFileSync(path.join(home, 'release'), 'utf8');
    const match = /^JAVA_VERSION="?(?:1\.)?(\d+)/m.exec(release);
    return match === null ? undefined : Number(match[1]);
  } catch {
    const named = /(?:java|jdk|openjdk|jre|zulu|temurin)-?(?:1\.)?(\d+)/i.exec(path.basename(home))?.[1];
    return named === undefined ? undefined : Number(named);
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function javaNotFound(
  platform: NodeJS.Platform,
  sparkVersion: string,
  suitable: readonly number[],
): DevenvError {
  return new DevenvError({
    code: 'java_not_found',
    what: `Spark ${sparkVersion} needs a Java, and none was found on this machine.`,
    why: `Looked at JAVA_HOME, at PATH, and where ${platform === 'darwin' ? 'macOS' : 'Linux'} keeps them.`,
    next: installHints(platform, suitable),
  });
}

function javaUnsuitable(
  platform: NodeJS.Platform,
  found: readonly Java[],
  sparkVersion: string,
  suitable: readonly number[],
): DevenvError {
  const there = found.map(({ home, major }) => `Java ${major} at ${home}`).join(', ');
  return new DevenvError({
    code: 'java_unsuitable',
    what: `Spark ${sparkVersion} does not run on the Javas of this machine.`,
    why: `It needs Java ${suitable.join(' or ')}; there is ${there}.`,
    next: [
      ...installHints(platform, suitable),
      'Or choose a Spark made for it: spark.version in devenv.yaml',
    ],
  });
}

function installHints(platform: NodeJS.Platform, [major = 17]: readonly number[]): string[] {
  return [
    platform === 'darwin'
      ? `brew install openjdk@${major}`
      : `Debian and Ubuntu: apt install openjdk-${major}-jre-headless; Fedora: dnf install java-${major}-openjdk-headless`,
    'If it is somewhere else, set JAVA_HOME to its folder',
  ];
}
