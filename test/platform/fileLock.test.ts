import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFileLock } from '../../src/platform/fileLock.ts';
import { processPlace, processStartTime } from '../../src/platform/processIdentity.ts';

const signal = AbortSignal.timeout(120_000);
let directory: string;
let lock: string;
let ledger: string;
let children: ChildProcess[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'file-lock-'));
  lock = path.join(directory, 'thing.lock');
  ledger = path.join(directory, 'ledger');
  children = [];
  await writeFile(`${ledger}.count`, '0');
});

afterEach(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

describe('withFileLock', () => {
  test('gives the result of the work and leaves no file behind', async () => {
    expect(await withFileLock(lock, { signal }, async () => 42)).toBe(42);
    expect(existsSync(lock)).toBe(false);
  });

  test('releases the lock when the work throws', async () => {
    await expect(withFileLock(lock, { signal }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(lock)).toBe(false);
  });

  test('keeps two callers of one process apart', async () => {
    const order: string[] = [];
    const enter = (name: string) =>
      withFileLock(lock, { signal }, async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} out`);
      });
    await Promise.all([enter('a'), enter('b')]);
    expect(order.map((line) => line.split(' ')[1])).toEqual(['in', 'out', 'in', 'out']);
  });

  test('takes the lock of a holder that was killed', async () => {
    const holder = await startHolder();
    holder.kill('SIGKILL');
    const started = performance.now();
    await withFileLock(lock, { signal }, async () => {});
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('twenty processes that wait for a killed holder each enter once and alone', async () => {
    const holder = await startHolder();
    const contenders = Array.from({ length: 20 }, () => startWorker('count'));
    holder.kill('SIGKILL');
    const codes = await Promise.all(
      contenders.map(async (child) => (await once(child, 'exit'))[0] as number),
    );
    expect(codes).toEqual(Array.from({ length: 20 }, () => 0));
    expect(await readFile(`${ledger}.count`, 'utf8')).toBe('20');
    expectNoOverlap(await readFile(ledger, 'utf8'));
    expect((await readdir(directory)).toSorted()).toEqual(['ledger', 'ledger.count']);
  });

  test('contenders that are killed in the middle block nobody', async () => {
    const doomed = Array.from({ length: 4 }, () => startWorker('hold'));
    const honest = Array.from({ length: 6 }, () => startWorker('count'));
    for (const child of doomed) {
      child.stdout?.once('data', () => child.kill('SIGKILL'));
    }
    const codes = await Promise.all(honest.map(async (child) => (await once(child, 'exit'))[0] as number));
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await readFile(`${ledger}.count`, 'utf8')).toBe('6');
    expectNoOverlap(await readFile(ledger, 'utf8'));
  });

  test('a pid that now belongs to another process does not hold the lock', async () => {
    const [place, record] = [await processPlace(), { pid: process.pid, token: 'of-an-earlier-process' }];
    await writeFile(lock, JSON.stringify({ ...record, place, startTime: 'long ago' }));
    await withFileLock(lock, { signal }, async () => {});
    expect(existsSync(lock)).toBe(false);
  });

  test('does not release a lock that has become somebody else’s', async () => {
    const other = { pid: 1, place: 'elsewhere', startTime: 'now', token: 'theirs' };
    await withFileLock(lock, { signal }, () => writeFile(lock, JSON.stringify(other)));
    expect(JSON.parse(await readFile(lock, 'utf8'))).toEqual(other);
  });

  test('says once who holds the lock, and stops waiting when aborted', async () => {
    const holder = await startHolder();
    const abort = new AbortController();
    const told: number[] = [];
    const waiting = withFileLock(
      lock,
      {
        signal: abort.signal,
        onWait: ({ pid }) => {
          told.push(pid);
          abort.abort(new Error('enough'));
        },
      },
      async () => {},
    );
    await expect(waiting).rejects.toThrow('enough');
    expect(told).toEqual([holder.pid]);
    expect(existsSync(lock)).toBe(true);
  });
});

test('a process has a start time while it runs, and none as a zombie or afterwards', async () => {
  expect(await processStartTime(process.pid)).toBe(await processStartTime(process.pid));
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(await processStartTime(child.pid ?? 0)).toBeUndefined();
});

function startWorker(mode: 'hold' | 'count'): ChildProcess {
  const worker = path.join(import.meta.dirname, 'lockWorker.ts');
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--experimental-strip-types', worker, lock, ledger, mode],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  return child;
}

async function startHolder(): Promise<ChildProcess> {
  const holder = startWorker('hold');
  await once(holder.stdout!, 'data');
  return holder;
}

function expectNoOverlap(text: string): void {
  const lines = text.trim().split('\n');
  for (let index = 0; index < lines.length; index += 2) {
    const pid = lines[index]?.split(' ')[1];
    expect([lines[index], lines[index + 1]]).toEqual([`in ${pid}`, `out ${pid}`]);
  }
}
