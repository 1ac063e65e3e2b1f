import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';

/** What is known of an artifact that was put into HDFS. */
export interface PutArtifact {
  readonly target: string;
  /** Of what it was made from. */
  readonly stamp: string;
  readonly sha256: string;
  /** As HDFS told them then: a file that somebody has replaced has others. */
  readonly length: number;
  readonly modificationTime: number;
}

export type ArtifactState = Readonly<Record<string, PutArtifact>>;

export async function readState(stateDirectory: string): Promise<ArtifactState> {
  try {
    const state = JSON.parse(await readFile(stateFile(stateDirectory), 'utf8')) as {
      version: number;
      artifacts: ArtifactState;
    };
    return state.version === 1 ? state.artifacts : {};
  } catch {
    // Lost or damaged, it costs bringing them again.
    return {};
  }
}

export async function writeState(stateDirectory: string, artifacts: ArtifactState): Promise<void> {
  const text = `${JSON.stringify({ version: 1, artifacts }, undefined, 2)}\n`;
  await writeFileAtomic(stateFile(stateDirectory), text);
}

function stateFile(stateDirectory: string): string {
  return path.join(stateDirectory, 'artifacts', 'state.json');
}
