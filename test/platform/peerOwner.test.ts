import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type LoopbackConnection, loopbackPeerOwner, ownerIn } from '../../src/platform/peerOwner.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:854F 171D587F:268E 01 00000000:00000000 00:00000000 00000000  1001        0 640 1 00000000e5f0cba8 20 4 30 10 -1
   1: 171D587F:268E 0100007F:854F 01 00000000:00000000 00:00000000 00000000     0        0 641 1 00000000e5f0cba8 20 4 30 10 -1
   2: 0100007F:8550 171D587F:268E 05 00000000:00000000 00:00000000 00000000     0        0 0 2 00000000e5f0cba8
`;

const TABLE_6 = `  sl  local_address                         remote_address                        st
   0: 0000000000000000FFFF00000100007F:854F 0000000000000000FFFF0000171D587F:268E 01 00000000:00000000 00:00000000 00000000  1002        0 640 1 00000000e5f0cba8 20 4 30 10 -1
`;

const CONNECTION: LoopbackConnection = {
  localAddress: '127.88.29.23',
  localPort: 9870,
  remoteAddress: '127.0.0.1',
  remotePort: 0x85_4f,
};

test('the owner of the other end is read of the row that is the other end’s', () => {
  expect(ownerIn(TABLE, CONNECTION)).toBe(1001);
});

test('an IPv4 address within IPv6, as Java calls, is found', () => {
  expect(ownerIn(TABLE_6, CONNECTION)).toBe(1002);
});

test('an end that its process has closed is of no user: the kernel shows root’s id for it', () => {
  expect(ownerIn(TABLE, { ...CONNECTION, remotePort: 0x85_50 })).toBeUndefined();
});

test('a connection that is in no table has no owner', () => {
  expect(ownerIn(TABLE, { ...CONNECTION, localPort: 9871 })).toBeUndefined();
});

test.runIf(process.platform === 'linux')('connections of this process are this user’s', async () => {
  const owner = loopbackPeerOwner()!;
  const [one, two] = [await connection('127.0.0.1'), await connection('::ffff:127.0.0.1')];
  expect(await Promise.all([owner(one), owner(two), owner({ ...one, remotePort: 1 })])).toEqual([
    process.getuid!(),
    process.getuid!(),
    undefined,
  ]);
});

async function connection(host: string): Promise<LoopbackConnection> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  const client = net.connect((server.address() as net.AddressInfo).port, host);
  const socket = await accepted;
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return {
    localAddress: localAddress!,
    localPort: localPort!,
    remoteAddress: remoteAddress!,
    remotePort: remotePort!,
  };
}
