import { expect, test } from 'vitest';
import { DatabaseStates, type DatabaseState, type SeenRows } from './databaseStates.ts';

const seen = (state: DatabaseState): SeenRows => ({
  ...state,
  ...{ kept: 0, digest: '', batch: 0, generations: [state.generation] },
});
const state = (committed: readonly number[], generation = 1, runs = 0): DatabaseState => ({
  ...{ committed, generation, runs },
});

test('a row that was committed must be there; one whose command failed may be', () => {
  const states = new DatabaseStates(state([]));
  states.inserted(1, true);
  states.inserted(2, false);
  expect(states.compare(seen(state([1])))).toBeUndefined();
  states.inserted(3, true);
  expect(states.compare(seen(state([1])))).toContain('rows were lost');
});

test('a restore that was killed leaves the one or the other, and nothing between', () => {
  const states = new DatabaseStates(state([1]));
  states.saved('base', true);
  states.inserted(2, true);
  states.inserted(3, true);
  states.restored('base', false);
  expect(states.compare(seen(state([1, 2])))).toContain('rows were lost');
  states.restored('base', false);
  expect(states.compare(seen(state([1])))).toBeUndefined();
});

test('a seed and a run that were confirmed stay', () => {
  const states = new DatabaseStates(state([]));
  states.seeded(4);
  states.ran();
  expect(states.compare(seen(state([], 4, 1)))).toBeUndefined();
  expect(states.compare(seen(state([], 3, 1)))).toContain('rows were lost');
  states.ran();
  expect(states.compare(seen(state([], 3, 1)))).toContain('rows were lost');
});
