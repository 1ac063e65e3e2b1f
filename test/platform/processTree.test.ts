import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import {
  ancestorsOf,
  familiesOf,
  readProcessTree,
  type TreeProcess,
} from '../../src/platform/processTree.ts';

function tree(rows: readonly (readonly [pid: number, parent: number, group: number])[]) {
  return new Map(
    rows.map(([pid, parent, group]): [number, TreeProcess] => [
      pid,
      { pid, parent, group, session: 1, cpuSeconds: 0, residentBytes: 0 },
    ]),
  );
}

test('a service owns its group and what descends from it, whatever group that is in', () => {
  const found = familiesOf(
    tree([
      [10, 1, 10],
      [11, 10, 10],
      [12, 11, 12],
      [20, 1, 20],
    ]),
    [10, 20],
  );
  expect(found.get(10)?.map((each) => each.pid)).toEqual([10, 11, 12]);
  expect(found.get(20)?.map((each) => each.pid)).toEqual([20]);
});

test('a service that was forked from another is not counted twice', () => {
  const found = familiesOf(
    tree([
      [10, 1, 10],
      [11, 10, 10],
      [20, 10, 20],
      [21, 20, 20],
    ]),
    [10, 20],
  );
  expect(found.get(10)?.map((each) => each.pid)).toEqual([10, 11]);
  expect(found.get(20)?.map((each) => each.pid)).toEqual([20, 21]);
});

test('ancestors end at the first process, also where parents name each other', () => {
  expect(
    ancestorsOf(
      tree([
        [3, 2, 3],
        [2, 1, 2],
        [1, 0, 1],
      ]),
      3,
    ),
  ).toEqual([2, 1]);
  expect(
    ancestorsOf(
      tree([
        [3, 2, 3],
        [2, 3, 2],
      ]),
      3,
    ),
  ).toEqual([2, 3]);
});

test('this machine says of a child who its parent is and that it uses memory', async () => {
  const child = spawn('sleep', ['60']);
  onTestFinished(() => void child.kill());
  await new Promise((resolve) => child.once('spawn', resolve));
  const found = (await readProcessTree(process.platform)).get(child.pid ?? -1);
  expect(found).toMatchObject({ parent: process.pid });
  expect(found?.residentBytes).toBeGreaterThan(0);
});
