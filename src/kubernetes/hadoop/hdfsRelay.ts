import type Docker from 'dockerode';
import { HDFS_SOCKET } from '../../hdfs/daemon/hdfsSocket.ts';
import { CLIENT_PORTS, expectedPlace } from '../../hdfs/daemon/hdfsPlace.ts';
import { NODE_HDFS } from '../cluster/kindConfig.ts';
import { runInNode } from '../cluster/runInNode.ts';

/**
 * Where pods reach the project's HDFS: an address that each node has for itself, so that only its pods get there, and
 * no container of another project or process of another user. Of the networks that are kept for tests (RFC 2544),
 * since Kubernetes takes no link-local address for a service.
 */
export const RELAY_ADDRESS = '198.18.0.1';

/**
 * Makes a node pass on connections of its pods to the project's HDFS, by the socket proxy of the systemd that runs in
 * every node. It goes on when the node or the HDFS is started again.
 */
export async function ensureHdfsRelay(
  docker: Docker,
  node: string,
  { stateDirectory, platform }: { readonly stateDirectory: string; readonly platform: NodeJS.Platform },
): Promise<void> {
  const { ports } = await expectedPlace(stateDirectory, platform);
  // Where the engine is in a virtual machine, that leads to this machine's own loopback address.
  const target =
    platform === 'linux' ? `${NODE_HDFS}/${HDFS_SOCKET}` : `host.docker.internal:${ports[0] ?? ''}`;
  await runInNode(docker, node, ['sh', '-c', SCRIPT, 'relay', socketUnit(), serviceUnit(target)]);
}

/** Nothing is started again when the units are what they were. */
const SCRIPT = `set -e
cd /etc/systemd/system
if [ "$(cat devenv-hdfs.socket 2>/dev/null)" != "$1" ] || [ "$(cat devenv-hdfs.service 2>/dev/null)" != "$2" ]; then
  systemctl stop devenv-hdfs.socket devenv-hdfs.service 2>/dev/null || true
  printf '%s\\n' "$1" > devenv-hdfs.socket
  printf '%s\\n' "$2" > devenv-hdfs.service
  systemctl daemon-reload
  systemctl --quiet enable devenv-hdfs.socket
fi
systemctl start devenv-hdfs.socket
`;

function socketUnit(): string {
  return [
    '[Unit]',
    "Description=HDFS of the project, for the node's pods",
    '[Socket]',
    `ExecStartPre=ip address replace ${RELAY_ADDRESS}/32 dev lo`,
    ...CLIENT_PORTS.map((port) => `ListenStream=${RELAY_ADDRESS}:${port}`),
    'FreeBind=yes',
    '[Install]',
    'WantedBy=sockets.target',
  ].join('\n');
}

function serviceUnit(target: string): string {
  return [
    '[Unit]',
    'Requires=devenv-hdfs.socket',
    'After=devenv-hdfs.socket',
    '[Service]',
    `ExecStart=/usr/lib/systemd/systemd-socket-proxyd ${target}`,
  ].join('\n');
}
