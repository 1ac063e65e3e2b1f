import { createServer, type Server } from 'node:net';
import { runningServer } from './hdfsRecord.ts';
import { candidatePlaces, rememberedPlace, rememberPlace, type HdfsPlace } from './hdfsPlace.ts';

/**
 * Decides where a project's HDFS is going to listen, before it does: others are told the place when they start, at the
 * same time. Where it runs, or ran last time, it stays.
 *
 * @returns undefined when no place can be had; then the server says why when it starts.
 */
export async function settlePlace(
  stateDirectory: string,
  platform: NodeJS.Platform,
): Promise<HdfsPlace | undefined> {
  const running = await runningServer(stateDirectory, platform);
  if (running !== undefined) return running;
  const remembered = await rememberedPlace(stateDirectory);
  for (const candidate of candidatePlaces(stateDirectory, platform, remembered)) {
    const ports = await takeForAMoment(candidate);
    if (ports === undefined) continue;
    const place = { address: candidate.address, ports };
    await rememberPlace(stateDirectory, place);
    return place;
  }
  return undefined;
}

/** @returns the ports, those that the system chose among them; undefined when one of them is taken. */
async function takeForAMoment({ address, ports }: HdfsPlace): Promise<readonly number[] | undefined> {
  const servers: Server[] = [];
  try {
    for (const port of ports) servers.push(await listening(address, port));
    return servers.map(portOf);
  } catch {
    return undefined;
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function listening(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
