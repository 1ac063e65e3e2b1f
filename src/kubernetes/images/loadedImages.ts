import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../../config/project.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { clusterDirectory } from '../clusterPlace.ts';
import { fullImageName } from './imageName.ts';

/**
 * Notes that the nodes have an image of this name from the engine. Our Python side reads it: pods that would pull the
 * image always take what is there.
 */
export async function rememberLoadedImage(
  project: Pick<Project, 'stateDirectory'>,
  image: string,
): Promise<void> {
  const images = new Set(await loadedImages(project));
  images.add(fullImageName(image));
  const text = JSON.stringify({ version: 1, images: [...images].toSorted() });
  await writeFileAtomic(path.join(clusterDirectory(project), 'images.json'), `${text}\n`);
}

async function loadedImages(project: Pick<Project, 'stateDirectory'>): Promise<readonly string[]> {
  try {
    const file = path.join(clusterDirectory(project), 'images.json');
    const { version, images }: { version?: number; images?: unknown } = JSON.parse(
      await readFile(file, 'utf8'),
    );
    return version === 1 && Array.isArray(images) ? images.map(String) : [];
  } catch {
    return [];
  }
}
