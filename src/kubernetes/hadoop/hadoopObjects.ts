import type { KubernetesObject } from '@kubernetes/client-node';
import type { HdfsSettings } from '../../config/project.ts';
import { readGivenFiles } from '../../hdfs/configuration/givenFiles.ts';
import { writeHadoopXml } from '../../hdfs/configuration/hadoopXml.ts';
import { nameserviceIn, siteProperties } from '../../hdfs/configuration/siteProperties.ts';
import { CLIENT_PORTS } from '../../hdfs/daemon/hdfsPlace.ts';
import { RELAY_ADDRESS } from './hdfsRelay.ts';

/** Keys of a config map that Hadoop's clients of pods read, mounted as their HADOOP_CONF_DIR. */
export async function hadoopConfigMapData(
  settings: HdfsSettings,
  user: string,
): Promise<Readonly<Record<string, string>>> {
  const given = await readGivenFiles(settings.conf);
  const nameservice = settings.nameservice ?? nameserviceIn(given);
  const place = { address: RELAY_ADDRESS, ports: CLIENT_PORTS };
  const { core, hdfs } = siteProperties({ nameservice, place, user, given });
  return {
    'core-site.xml': writeHadoopXml(core, REMARK),
    'hdfs-site.xml': writeHadoopXml(hdfs, REMARK),
  };
}

const REMARK = "Written by devenv from devenv.yaml, for the project's pods.";

/** A service by the name of the nameservice, for clients in pods that read no configuration. Pure. */
export function hdfsServiceObjects(namespace: string, nameservice: string): readonly KubernetesObject[] {
  // A name with dots is none of the namespace's.
  if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(nameservice)) return [];
  const metadata = { name: nameservice, namespace };
  const ports = CLIENT_PORTS.map((port) => ({ name: `port-${port}`, port, protocol: 'TCP' }));
  return [
    // Without an address of its own: Hadoop's client asks for the name of the address and sends to that name, which
    // only such a service's have.
    { apiVersion: 'v1', kind: 'Service', metadata, ...{ spec: { clusterIP: 'None', ports } } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${nameservice}-devenv`,
        namespace,
        labels: {
          'kubernetes.io/service-name': nameservice,
          'endpointslice.kubernetes.io/managed-by': 'airflow-devenv',
        },
      },
      ...{ addressType: 'IPv4', ports, endpoints: [{ addresses: [RELAY_ADDRESS] }] },
    },
  ];
}
