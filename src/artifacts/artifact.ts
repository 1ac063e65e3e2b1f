import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ArtifactsFile, DeclaredArtifact } from '../config/readArtifacts.ts';
import { DevenvError } from '../errors.ts';
import { hdfsPath } from '../hdfs/client/hdfsFiles.ts';
import { mavenAddresses, parseCoordinates } from './mavenCoordinates.ts';

/** A file of a job, where it comes from and where the job looks for it. */
export interface Artifact {
  readonly name: string;
  readonly origin: Origin;
  /** In lower case. */
  readonly sha256: string | undefined;
  /** Absolute path in HDFS. */
  readonly target: string;
  /** Each version is kept beside `current`, in a folder named after the time: `20260131123005`. */
  readonly versioned: boolean;
}

export type Origin =
  | { readonly kind: 'web'; readonly addresses: readonly string[] }
  | { readonly kind: 'file'; readonly path: string }
  /** A file of the folder of overrides stands in for what is declared. */
  | { readonly kind: 'override'; readonly path: string };

export interface ArtifactPlaces {
  /** The file that declares them: paths count from its folder. */
  readonly file: string;
  readonly overrides: string;
  readonly maven: readonly string[];
}

/** Where production has them is said in its own configuration; here any place does. */
const DEFAULT_CACHE = '/cache/artifacts';

/** Folder of the latest of several versions, as in production's cache. */
export const CURRENT = 'current';

/**
 * The artifacts of a project, in the order of the file.
 *
 * @throws DevenvError `artifact_source_unknown` (misuse).
 */
export function listArtifacts(declared: ArtifactsFile, places: ArtifactPlaces): Artifact[] {
  return Object.entries(declared.artifacts).map(([name, each]) => {
    const override = path.join(places.overrides, name);
    const isOverridden = existsSync(override);
    return {
      name,
      origin: isOverridden ? { kind: 'override', path: override } : originOf(name, each, declared, places),
      // Of the declared file, not of what stands in for it.
      sha256: isOverridden ? undefined : each.sha256,
      target: targetOf(name, each, declared),
      versioned: each.versioned,
    };
  });
}

function originOf(
  name: string,
  { id, source }: DeclaredArtifact,
  declared: ArtifactsFile,
  places: ArtifactPlaces,
): Origin {
  const named = source === undefined ? undefined : declared.sources[source];
  const isMaven =
    named?.type === 'maven' || id.startsWith('maven:') || (!id.includes('/') && id.includes(':'));
  if (isMaven) {
    const coordinates = parseCoordinates(id);
    if (coordinates === undefined) throw unknownSource(name, id, 'These are no Maven coordinates.');
    const repositories = named === undefined ? places.maven : [named.url];
    return { kind: 'web', addresses: mavenAddresses(coordinates, repositories) };
  }
  if (/^https?:\/\//.test(id)) return { kind: 'web', addresses: [id] };
  if (id.startsWith('file:')) return { kind: 'file', path: new URL(id).pathname };
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(id))
    throw unknownSource(name, id, 'devenv can’t read from such a place.');
  if (named !== undefined)
    return { kind: 'web', addresses: [`${named.url.replace(/\/+$/, '')}/${id.replace(/^\/+/, '')}`] };
  return { kind: 'file', path: path.resolve(path.dirname(places.file), id) };
}

/** By its name, which is what keeps the end that tells Spark and YARN that it is an archive. */
function targetOf(name: string, { cache, versioned }: DeclaredArtifact, declared: ArtifactsFile): string {
  const target = hdfsPath(cache ?? `${declared.cache ?? DEFAULT_CACHE}/`);
  if (!target.endsWith('/')) return target;
  return path.posix.join(target, versioned ? CURRENT : '', name);
}

function unknownSource(name: string, id: string, why: string): DevenvError {
  return new DevenvError({
    code: 'artifact_source_unknown',
    what: `The artifact ${name} comes from ${id}, which is neither a web address, a path nor Maven coordinates.`,
    why,
    next: [
      'Write source: https://…, source: path/of/a/file, or source: maven:group:artifact:version',
      'Or put the file into the folder of overrides, under the name of the artifact',
    ],
    misuse: true,
  });
}
