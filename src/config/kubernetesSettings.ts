import type { ConfiguredPaths } from './configuredPaths.ts';
import type { KubernetesConfigMap, KubernetesImage, KubernetesNode, KubernetesSettings } from './project.ts';
import type { Settings } from './schema.ts';

const STORAGE_CLASS = 'devenv-local';

/** What `kubernetes:` says, with its defaults; nothing where `devenv.yaml` has none. */
export function kubernetesSettings(
  kubernetes: Settings['kubernetes'],
  paths: Pick<ConfiguredPaths, 'configMapFiles' | 'imageBuilds'> | undefined,
): { readonly kubernetes?: KubernetesSettings } {
  if (kubernetes === undefined) return {};
  return {
    kubernetes: {
      image: kubernetes.image,
      namespace: kubernetes.namespace ?? 'default',
      serviceAccount: kubernetes.service_account ?? 'airflow',
      nodes: (kubernetes.nodes ?? [{}]).map(nodeOf),
      volumes: (kubernetes.volumes ?? []).map((each) => ({
        claim: each.claim,
        storageClass: each.class ?? STORAGE_CLASS,
        size: each.size,
        access: each.access ?? 'ReadWriteOnce',
      })),
      priorityClasses: kubernetes.priority_classes ?? [],
      serviceAccounts: kubernetes.service_accounts ?? [],
      quota: texts(kubernetes.quota),
      configMaps: Object.entries(kubernetes.config_maps ?? {}).map(([name, map]) =>
        configMapOf(name, map, paths?.configMapFiles[name] ?? []),
      ),
      images: Object.entries(kubernetes.images ?? {}).map(([name, image]) =>
        imageOf(name, image, paths?.imageBuilds[name]),
      ),
    },
  };
}

type Kubernetes = NonNullable<Settings['kubernetes']>;
type NodeSettings = NonNullable<Kubernetes['nodes']>[number];
type ConfigMapSettings = NonNullable<Kubernetes['config_maps']>[string];
type ImageSettings = NonNullable<Kubernetes['images']>[string];

function nodeOf({ labels = {}, resources = {} }: NodeSettings): KubernetesNode {
  return { labels: texts(labels), resources };
}

function configMapOf(name: string, map: ConfigMapSettings, files: readonly string[]): KubernetesConfigMap {
  if (map === 'hadoop') return { name, isHadoop: true, data: {}, files: [] };
  return { name, isHadoop: false, data: texts(map.data), files };
}

function imageOf(
  name: string,
  image: ImageSettings,
  paths: { readonly context: string; readonly dockerfile: string } | undefined,
): KubernetesImage {
  if (typeof image === 'string') return { name, source: image };
  const { context, dockerfile } = paths ?? { context: image.build, dockerfile: image.dockerfile ?? '' };
  return { name, source: { context, dockerfile, target: image.target, args: texts(image.args) } };
}

function texts(values: Readonly<Record<string, string | number | boolean>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
