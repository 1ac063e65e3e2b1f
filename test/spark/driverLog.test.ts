import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { openDriverLog } from '../../src/spark/driverLog.ts';
import { temporaryFolder } from './support.ts';

test('what a driver prints is kept up to a size, and never holds it up', async () => {
  const file = path.join(await temporaryFolder(), 'driver.log');
  const log = openDriverLog(file, 10);
  for (let index = 0; index < 1000; index += 1) log.write('12345678');
  log.end();
  await finished(log);
  expect(await readFile(file, 'utf8')).toMatch(/^1234567812\n… what follows.*\n$/);
});

test('a log that can’t be written fails nobody', async () => {
  const log = openDriverLog('/nowhere/driver.log');
  log.write('text');
  log.end();
  await finished(log);
});
