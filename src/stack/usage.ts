import { familiesOf, memoryOf, readProcessTree } from '../platform/processTree.ts';

export interface Usage {
  /** Percent of one core since the last look; undefined at the first. */
  readonly cpuPercent: number | undefined;
  /** Proportional set size. */
  readonly memoryBytes: number;
}

/** Measures services with everything they have started. Looking costs some 20 ms, so only who shows it should. */
export class UsageMeter {
  readonly #platform: NodeJS.Platform;
  readonly #before = new Map<number, { cpuSeconds: number; at: number }>();

  constructor(platform: NodeJS.Platform) {
    this.#platform = platform;
  }

  /** @param pids leaders of process groups. */
  async measure(pids: readonly number[]): Promise<ReadonlyMap<number, Usage>> {
    const tree = await readProcessTree(this.#platform);
    const families = familiesOf(tree, pids);
    const at = performance.now();
    const measured = await Promise.all(
      pids.map(async (pid) => {
        const family = families.get(pid) ?? [];
        const memory = await Promise.all(family.map((each) => memoryOf(each, this.#platform)));
        const cpuSeconds = family.reduce((sum, each) => sum + each.cpuSeconds, 0);
        return [pid, { cpuPercent: this.#cpu(pid, cpuSeconds, at), memoryBytes: sum(memory) }] as const;
      }),
    );
    return new Map(measured);
  }

  #cpu(pid: number, cpuSeconds: number, at: number): number | undefined {
    const before = this.#before.get(pid);
    this.#before.set(pid, { cpuSeconds, at });
    if (before === undefined || at - before.at < 100) return undefined;
    // Less than before when a short-lived child, and its time, have gone.
    return Math.max(0, ((cpuSeconds - before.cpuSeconds) / (at - before.at)) * 100_000);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
