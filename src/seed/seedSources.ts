import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readFolder } from '../config/folders.ts';
import { nearestNames } from '../config/nearestNames.ts';
import type { Project, SeedFile } from '../config/project.ts';
import { DevenvError } from '../errors.ts';
import { errorCode } from '../platform/fileSystemError.ts';
import { readEnvFile } from './readEnvFile.ts';
import { readYaml } from './readYaml.ts';
import { passedOver, seedFiles } from './seedFiles.ts';
import { fileItems, isEnvironmentFile } from './sections.ts';
import type { Resolver } from './resolver.ts';
import type { RawItem, SeedNode } from './seedItem.ts';
import { mistake, type SeedProblem } from './seedProblem.ts';

export interface SeedSources {
  /** Absolute, in the order in which they are merged. */
  readonly files: readonly string[];
  readonly items: readonly RawItem[];
  readonly problems: readonly SeedProblem[];
  /** False when what a file says is not known: then nothing can be said to be no longer in the files. */
  readonly isComplete: boolean;
  /** See `passedOver`. */
  readonly passedOver: readonly string[];
}

/** Reads every seed file of a project. What is wrong with one leaves the others as they are. */
export async function readSources(project: Project, resolver: Resolver): Promise<SeedSources> {
  const files = await seedFiles(project);
  const read = await Promise.all(files.map(async (file) => readSource(file, resolver)));
  return {
    files: files.map((each) => each.path),
    items: read.flatMap((each) => each.items),
    problems: read.flatMap((each) => each.errors.map((error) => ({ error }))),
    isComplete: read.every((each) => each.errors.length === 0),
    passedOver: await passedOver(
      project,
      read.map(({ text }) => text ?? ''),
    ),
  };
}

interface ReadSource {
  /** Undefined when it can't be read. */
  readonly text?: string;
  readonly items: readonly RawItem[];
  readonly errors: readonly DevenvError[];
}

async function readSource(seedFile: SeedFile, resolver: Resolver): Promise<ReadSource> {
  const file = seedFile.path;
  let text: string;
  try {
    await resolver.assertReadable(file, seedFile.namedAt ?? { file });
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof DevenvError) return { items: [], errors: [error] };
    return { items: [], errors: [await unreadable(seedFile, error)] };
  }
  if (!SOPS.test(text)) return { text, ...parseSource(file, text) };
  try {
    const { text: decrypted } = await resolver.find(`sops:${file}`, { file });
    const { items, errors } = parseSource(file, decrypted);
    // Its places are those of the decrypted text.
    return { items: items.map(secretItem), errors };
  } catch (error) {
    if (error instanceof DevenvError && error.code !== 'interrupted') return { items: [], errors: [error] };
    throw error;
  }
}

/** What sops leaves in a file that it encrypts as a whole. */
const SOPS = /^sops:\s*$[\s\S]*^\s+mac: ENC\[|"sops":\s*\{[\s\S]*"mac":\s*"ENC\[|^sops_mac=ENC\[/m;

function secretItem(item: RawItem): RawItem {
  const fields = [...item.fields].map(([name, node]) => [name, secretNode(node)] as const);
  return { ...item, fields: new Map(fields) };
}

function secretNode(node: SeedNode): SeedNode {
  if (node.kind === 'plain') return node;
  if (node.kind === 'text') return { ...node, isSecret: true };
  if (node.kind === 'list') return { ...node, items: node.items.map(secretNode) };
  const entries = [...node.entries].map(
    ([name, entry]) => [name, { ...entry, node: secretNode(entry.node) }] as const,
  );
  return { ...node, entries: new Map(entries) };
}

/** What a file says, from its text. */
export function parseSource(file: string, text: string): ReadSource {
  const read = isEnvironmentFile(file) ? readEnvFile(file, text) : readYaml(file, text);
  if (read.root === undefined) return { items: [], errors: read.errors };
  const { items, errors } = fileItems(file, read.root);
  return { items, errors: [...read.errors, ...errors] };
}

async function unreadable({ path: file, namedAt }: SeedFile, error: unknown): Promise<DevenvError> {
  const code = errorCode(error);
  if (code !== 'ENOENT') {
    return mistake(namedAt ?? { file }, {
      code: 'seed_file_unreadable',
      what: `The seed file ${file} can't be read.`,
      why:
        code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'It is not UTF-8 text.' : `The system says ${code}.`,
    });
  }
  const { files } = await readFolder(path.dirname(file));
  const near = nearestNames(path.basename(file), files);
  return mistake(namedAt ?? { file }, {
    code: 'seed_file_not_found',
    what: `There is no seed file ${file}.`,
    next:
      near.length > 0
        ? [`Did you mean ${near.join(' or ')}?`]
        : ['Correct the path, or take it out of seed:'],
  });
}
