import { InvalidArgumentError } from 'commander';

/** @throws InvalidArgumentError for anything but a port that a person may use. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 1 to 65535.');
}
