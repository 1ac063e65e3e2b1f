import { availableParallelism, loadavg, totalmem } from 'node:os';

/** Where and when something was measured: what begins the line above a table. */
export function machine() {
  return [
    new Date().toISOString().slice(0, 10),
    `${availableParallelism()} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    `load ${loadavg()[0].toFixed(1)}`,
  ].join(', ');
}
