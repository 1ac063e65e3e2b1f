/** What a database or a snapshot holds of the rows that the soak knows. */
export interface DatabaseState {
  /** Numbers of the rows that the soak itself has inserted, and that were committed. */
  readonly committed: readonly number[];
  /** The least generation of the seeded rows, and the least number of successful runs. */
  readonly generation: number;
  readonly runs: number;
}

/** What was seen in the database. */
export interface SeenRows extends DatabaseState {
  readonly kept: number;
  readonly digest: string;
  readonly batch: number;
  readonly generations: readonly number[];
}

/** What the database may hold, after commands of which it is not known how far they came. */
export class DatabaseStates {
  private possible: readonly DatabaseState[];
  private readonly snapshots = new Map<string, readonly DatabaseState[]>();

  constructor(first: DatabaseState) {
    this.possible = [first];
  }

  /** @param finished whether the command said that it was done; else it may have been, or not. */
  saved(name: string, finished: boolean): void {
    const before = finished ? [] : (this.snapshots.get(name) ?? []);
    this.snapshots.set(name, [...before, ...this.possible]);
  }

  restored(name: string, finished: boolean): void {
    this.possible = [...(finished ? [] : this.possible), ...(this.snapshots.get(name) ?? [])];
  }

  seeded(generation: number): void {
    this.possible = this.possible.map((each) => ({ ...each, generation }));
  }

  ran(): void {
    this.possible = this.possible.map((each) => ({ ...each, runs: each.runs + 1 }));
  }

  /** A row with this number was inserted; or, when that was not confirmed, may have been. */
  inserted(row: number, confirmed: boolean): void {
    const after = this.possible.map((each) => ({ ...each, committed: [...each.committed, row] }));
    this.possible = confirmed ? after : [...this.possible, ...after];
  }

  /** How many committed rows there should be: as in the possible state that is nearest to what was seen. */
  expectedRows({ committed }: SeenRows): number {
    const lengths = this.possible.map((each) => each.committed.length);
    const distance = (length: number): number => Math.abs(length - committed.length);
    return lengths.reduce((best, each) => (distance(each) < distance(best) ? each : best));
  }

  /** @returns what is wrong, in words; what was seen is the state from here on. */
  compare(seen: SeenRows): string | undefined {
    const wrong = this.possible.some((each) => isHeldBy(each, seen)) ? undefined : this.describe(seen);
    const { committed, generation, runs } = seen;
    this.possible = [{ committed, generation, runs }];
    return wrong;
  }

  private describe(seen: SeenRows): string {
    const inWords = ({ committed, generation, runs }: DatabaseState): string =>
      `${committed.length} rows up to ${committed.at(-1)}, generation ${generation}, ${runs} runs`;
    return `rows were lost: ${inWords(seen)}; possible: ${this.possible.map(inWords).join(' | ')}`;
  }
}

function isHeldBy(state: DatabaseState, seen: SeenRows): boolean {
  return (
    String(state.committed) === String(seen.committed) &&
    state.generation <= seen.generation &&
    state.runs <= seen.runs
  );
}
