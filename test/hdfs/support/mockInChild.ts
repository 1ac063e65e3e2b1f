import { serveHdfs } from '../../../src/hdfs/serveHdfs.ts';

// `FOLDER SUPERUSER`: our server in a process of its own, to be killed. Its first line is its port.
const [, , root = '', superuser = ''] = process.argv;
const server = await serveHdfs({
  root,
  superuser,
  address: '127.0.0.1',
  ports: [0],
  smallestBlock: 1024,
  log: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${server.ports[0]}\n`);
