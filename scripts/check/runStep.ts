import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { addCounts, type Counts } from './counts.ts';
import type { Failure, Report } from './reports.ts';
import { type Command, LONGEST_MS, type Step } from './steps.ts';

export interface Outcome {
  readonly passed: boolean;
  readonly seconds: number;
  /** Absent when nothing of the step is a test run. */
  readonly counts: Counts | undefined;
  readonly failures: readonly Failure[];
  /** Why it was not run, though that is no failure. */
  readonly notRun?: string;
}

const root = path.resolve(import.meta.dirname, '..', '..');

/** Runs one step. Output of a check is shown when it failed, that of tests as it comes. Never throws. */
export async function runStep(step: Step, filters: readonly string[]): Promise<Outcome> {
  const started = performance.now();
  let passed = true;
  let counts: Counts | undefined;
  const failures: Failure[] = [];
  process.stdout.write(`== ${step.name}\n`);
  const missing = await step.missing?.();
  if (missing !== undefined) {
    const isRequired = (process.env['DEVENV_TEST_REQUIRE'] ?? '').split(',').includes(step.name);
    process.stdout.write(`not run: ${missing}\n`);
    return { passed: !isRequired, seconds: 0, counts: undefined, failures: [], notRun: missing };
  }
  try {
    for (const command of await step.commands(filters)) {
      const result = await runCommand(command);
      passed &&= result.passed;
      if (result.report === undefined) continue;
      counts = counts === undefined ? result.report.counts : addCounts(counts, result.report.counts);
      failures.push(...result.report.failures);
    }
  } catch (error) {
    passed = false;
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  return { passed, seconds: (performance.now() - started) / 1000, counts, failures };
}

async function runCommand(command: Command): Promise<{ passed: boolean; report?: Report }> {
  const { words, folder = '.', report } = command;
  const file = report && path.join(root, report.file);
  if (file !== undefined) {
    // A report of an earlier run must not be counted for one that died.
    await rm(file, { force: true });
    await mkdir(path.dirname(file), { recursive: true });
  }
  const passed = await run(words, path.join(root, folder), report !== undefined);
  if (file === undefined || report === undefined) return { passed };
  const result = report.read(await readFile(file, 'utf8').catch(() => ''));
  const { counts } = result;
  return { passed: passed && counts.failed === 0 && counts.passed > 0, report: result };
}

async function run([file, ...args]: Command['words'], cwd: string, live: boolean): Promise<boolean> {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, PATH: toolsPath() },
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    timeout: LONGEST_MS,
  });
  const ended = new Promise<boolean>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0));
  });
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const [passed, ...outputs] = await Promise.all([ended, ...streams.map((stream) => text(stream))]);
  if (!passed) process.stdout.write(`${outputs.join('')}failed: ${[file, ...args].join(' ')}\n`);
  return passed;
}

function toolsPath(): string {
  const folders = [path.join(root, 'node_modules/.bin'), path.dirname(process.execPath), process.env['PATH']];
  return folders.join(path.delimiter);
}
