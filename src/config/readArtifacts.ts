import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { DevenvError } from '../errors.ts';
import { mistakesError } from './mistake.ts';
import { schemaMistakes } from './schemaMistakes.ts';
import { parseYamlFile } from './yamlFile.ts';

/** What a file of artifacts says; names and addresses as they stand there. */
export interface ArtifactsFile {
  /** Folder in HDFS of artifacts that name none. */
  readonly cache: string | undefined;
  readonly sources: Readonly<Record<string, NamedSource>>;
  readonly artifacts: Readonly<Record<string, DeclaredArtifact>>;
}

export interface NamedSource {
  readonly type: 'maven' | 'url';
  /** Address that ids are taken below. */
  readonly url: string;
}

export interface DeclaredArtifact {
  /** An address, a path, or Maven coordinates. */
  readonly id: string;
  /** One of the named sources. */
  readonly source: string | undefined;
  readonly sha256: string | undefined;
  /** Where in HDFS it is put: a file, or a folder with a slash at the end. */
  readonly cache: string | undefined;
  readonly versioned: boolean;
}

/**
 * Reads `artifacts.yaml`. Both of its shapes are taken: `source: ADDRESS`, and the `id: ADDRESS` with a
 * `source: NAME` that artifact caches use.
 *
 * @throws DevenvError `artifacts_file_not_found`, `config_*` with the place (misuse).
 */
export async function readArtifacts(file: string): Promise<ArtifactsFile> {
  const parsed = parseYamlFile(await readText(file), () => undefined);
  if ('mistakes' in parsed) throw mistakesError(file, parsed.mistakes);
  const result = artifactsSchema.safeParse(parsed.value ?? {});
  if (!result.success) {
    const [first, ...others] = schemaMistakes(artifactsSchema, result.error.issues, parsed);
    if (first === undefined) throw result.error;
    throw mistakesError(file, [first, ...others]);
  }
  const { cache, sources = {}, artifacts = {} } = result.data;
  return {
    cache,
    sources,
    artifacts: Object.fromEntries(Object.entries(artifacts).map(([name, each]) => [name, declared(each)])),
  };
}

const HDFS = text(/^(?:hdfs:\/\/[^/]*)?\/./, 'a path in HDFS, such as hdfs:///wmf/cache/artifacts');

const entry = z.strictObject({
  source: text(/\S/, 'an address, a path, or maven:group:artifact:version').optional(),
  id: text(/\S/, 'an address, or Maven coordinates').optional(),
  sha256: text(/^[\da-f]{64}$/i, '64 hexadecimal digits').optional(),
  cache: HDFS.optional(),
  // Names of caches in production's own configuration: there is one here.
  caches: z.unknown().optional(),
  versioned: z.boolean().optional(),
});

/** Other keys at the top are production's, and mean nothing here. */
const artifactsSchema = z.looseObject({
  version: z.literal(1).optional(),
  cache: HDFS.optional(),
  sources: z
    .record(
      z.string(),
      z.strictObject({ type: z.enum(['maven', 'url']), url: text(/^[a-z]+:\/\//, 'an address') }),
    )
    .optional(),
  artifacts: z
    .record(
      text(/^[^/\s][^/]*$/, 'the name of a file'),
      z.union([text(/\S/, 'an address, a path, or maven:group:artifact:version'), entry]),
    )
    .optional(),
});

function declared(each: string | z.infer<typeof entry>): DeclaredArtifact {
  if (typeof each === 'string')
    return { id: each, source: undefined, sha256: undefined, cache: undefined, versioned: false };
  const { id, source, sha256, cache, versioned = false } = each;
  return {
    id: id ?? source ?? '',
    source: id === undefined ? undefined : source,
    sha256: sha256?.toLowerCase(),
    cache,
    versioned,
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new DevenvError({
      code: 'artifacts_file_not_found',
      what: `The file of artifacts, ${file}, can't be read.`,
      why: cause instanceof Error ? cause.message : String(cause),
      next: ['Correct artifacts in devenv.yaml: the path counts from that file'],
      misuse: true,
      cause,
    });
  }
}

function text(pattern: RegExp, allowed: string) {
  return z.string().regex(pattern, allowed);
}
