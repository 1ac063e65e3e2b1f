// A child process for fileLock.test.ts: node lockWorker.ts LOCK LEDGER MODE
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../src/platform/fileLock.ts';

const [lock, ledger, mode] = process.argv.slice(2) as [string, string, 'hold' | 'count'];
const counter = `${ledger}.count`;

await withFileLock(lock, { signal: AbortSignal.timeout(60_000) }, async () => {
  process.stdout.write('holding\n');
  if (mode === 'hold') await sleep(60_000);
  // Read, yield, write: two at once would lose a count.
  const before = Number(readFileSync(counter, 'utf8'));
  appendFileSync(ledger, `in ${process.pid}\n`);
  await sleep(5);
  writeFileSync(counter, String(before + 1));
  appendFileSync(ledger, `out ${process.pid}\n`);
});
