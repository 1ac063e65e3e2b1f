import type { Project } from '../config/project.ts';
import { readArtifacts } from '../config/readArtifacts.ts';
import { DevenvError } from '../errors.ts';
import { readNeed, type TrustNeed } from '../trust/trustNeed.ts';
import { listArtifacts } from './artifact.ts';

/** Files outside of the project that it would bring into HDFS. */
export async function sourceNeeds(
  project: Pick<Project, 'root' | 'configFile' | 'hdfs' | 'artifacts'>,
): Promise<TrustNeed[]> {
  const seeds = project.hdfs?.seed.map(({ source }) => source) ?? [];
  const place = { file: project.artifacts?.file ?? project.configFile ?? project.root };
  const files = [...seeds, ...(await artifactFiles(project.artifacts))];
  const needs = await Promise.all(files.map(async (file) => readNeed(project, file, place)));
  return needs.filter((each) => each !== undefined);
}

async function artifactFiles(settings: Project['artifacts']): Promise<string[]> {
  if (settings === undefined) return [];
  try {
    const all = listArtifacts(await readArtifacts(settings.file), settings);
    return all.flatMap(({ origin }) => (origin.kind === 'file' ? [origin.path] : []));
  } catch (error) {
    // Told by the command that brings them.
    if (error instanceof DevenvError) return [];
    throw error;
  }
}
