import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { KubernetesConfigMap } from '../../config/project.ts';
import { DevenvError } from '../../errors.ts';

/**
 * The config maps that `devenv.yaml` names, in its order.
 *
 * @param hadoop the keys of one that finds the project's HDFS.
 * @throws DevenvError `config_map_unreadable` (misuse).
 */
export async function configMapObjects(
  namespace: string,
  maps: readonly KubernetesConfigMap[],
  hadoop: Readonly<Record<string, string>>,
): Promise<readonly KubernetesObject[]> {
  return Promise.all(
    maps.map(async (map) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: map.name, namespace },
      ...(map.isHadoop ? { data: hadoop } : await dataOf(map)),
    })),
  );
}

/** Of text under `data`, of anything else under `binaryData`, as the API server wants it. */
async function dataOf({ name, files, data }: KubernetesConfigMap): Promise<object> {
  const texts: Record<string, string> = { ...data };
  const binary: Record<string, string> = {};
  for (const file of (await Promise.all(files.map(filesAt))).flat()) {
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw unreadable(name, file, cause);
    });
    const text = bytes.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(bytes)) texts[path.basename(file)] = text;
    else binary[path.basename(file)] = bytes.toString('base64');
  }
  return { data: texts, binaryData: binary };
}

async function filesAt(place: string): Promise<readonly string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [place];
  return entries
    .filter((each) => each.isFile() && !each.name.startsWith('.'))
    .map((each) => path.join(place, each.name))
    .toSorted();
}

function unreadable(map: string, file: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'config_map_unreadable',
    what: `The file ${file} of the config map ${map} can't be read.`,
    why: String(cause),
    next: ['Look at its owner and mode, or take it out of kubernetes.config_maps in devenv.yaml'],
    misuse: true,
    cause,
  });
}
