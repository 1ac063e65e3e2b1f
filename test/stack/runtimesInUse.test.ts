import { expect, test } from 'vitest';
import type { RunningProcess } from '../../src/platform/processTable.ts';
import { preloadsAmong, runtimesOfProject } from '../../src/stack/runtimesInUse.ts';

const OWN = '/run/user/7/airflow-devenv/0123456789';
const ELSEWHERE = '/tmp/w dir/airflow-devenv-7/0123456789';
const ANOTHER_PROJECT = '/tmp/airflow-devenv-7/abcdef0123';

test('preloaded processes of this user are found by their command lines, wherever their sockets lie', () => {
  const processes = [
    preload(1, ELSEWHERE),
    preload(2, ANOTHER_PROJECT),
    { ...preload(3, OWN), uid: 8 },
    { ...preload(4, OWN), command: ['vi', `${OWN}/r-1.sock`] },
  ];
  expect(preloadsAmong(processes, 7)).toEqual([
    { pid: 1, runtimeDirectory: ELSEWHERE },
    { pid: 2, runtimeDirectory: ANOTHER_PROJECT },
  ]);
});

test('what a preloaded process has forked has its command line, and perhaps a pid that is read before it', () => {
  const processes = [
    { ...preload(11_142, OWN), parent: 9_943 },
    { ...preload(11_321, OWN), parent: 11_142 },
    { ...preload(9_943, OWN), parent: 1 },
  ];
  expect(preloadsAmong(processes, 7)).toEqual([{ pid: 9_943, runtimeDirectory: OWN }]);
});

test('they are found where the system gives the words of a command as one text', () => {
  const { command } = preload(1, ELSEWHERE);
  const processes = [{ ...preload(1, ELSEWHERE), command: [command.join(' ')] }];
  expect(preloadsAmong(processes, 7)).toEqual([{ pid: 1, runtimeDirectory: ELSEWHERE }]);
});

test("a project's own folder comes first, others are those with its name", () => {
  const found = [ELSEWHERE, ELSEWHERE, ANOTHER_PROJECT, OWN].map((runtimeDirectory, index) => ({
    pid: index,
    runtimeDirectory,
  }));
  expect(runtimesOfProject(OWN, found)).toEqual([OWN, ELSEWHERE]);
});

function preload(pid: number, folder: string): RunningProcess {
  const command = ['/e/bin/python', '/x y/airflow_devenv', 'preload', `${folder}/r-e38ab6ee61dd.sock`];
  return { pid, uid: 7, command, workingDirectory: '/work/.devenv' };
}
