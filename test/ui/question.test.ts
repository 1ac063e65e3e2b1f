import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Question } from '../../src/dagruns/events.ts';
import { askQuestion, chosenOptions, questionLines } from '../../src/ui/question.ts';
import { createStyle } from '../../src/ui/style.ts';

const QUESTION: Question = {
  task_id: 'pick',
  map_index: -1,
  subject: 'Which?',
  options: ['blue', 'green'],
  defaults: ['green'],
  multiple: false,
  params: [],
  until: '2026-11-30T02:36:38.123456+00:00',
};

test('an answer is a number or a word; nothing stands for the default', () => {
  expect(chosenOptions(QUESTION, '1')).toEqual(['blue']);
  expect(chosenOptions(QUESTION, ' Green ')).toEqual(['green']);
  expect(chosenOptions(QUESTION, '')).toEqual(['green']);
  expect(chosenOptions({ ...QUESTION, multiple: true }, '2, 1')).toEqual(['green', 'blue']);
});

test('what is no option is no answer', () => {
  for (const line of ['3', 'red', '1,2', '0']) expect(chosenOptions(QUESTION, line)).toBeUndefined();
});

test('a question says what happens without an answer, and where one can be given', () => {
  const lines = questionLines(QUESTION, createStyle(false), false);
  expect(lines).toEqual([
    '? pick waits for an answer: Which?',
    '  1  blue',
    '  2  green  (default)',
    '  Without an answer until 2026-11-30T02:36:38+00:00 the task goes on with green.',
    '  Answer in the UI under Required Actions (devenv up, devenv open); the run goes on then.',
  ]);
});

test('a person is asked until the answer is an option', async () => {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  const streams = { stdin, stderr } as unknown as Parameters<typeof askQuestion>[0];
  const answer = askQuestion(streams, QUESTION, new AbortController().signal);
  stdin.write('7\n1\n');
  expect(await answer).toEqual(['blue']);
  expect(String(stderr.read())).toBe('Answer (a number): Answer (a number): ');
});

test('a question that was answered elsewhere is not asked any longer', async () => {
  const controller = new AbortController();
  const streams = { stdin: new PassThrough(), stderr: new PassThrough() };
  const answer = askQuestion(
    streams as unknown as Parameters<typeof askQuestion>[0],
    QUESTION,
    controller.signal,
  );
  controller.abort();
  expect(await answer).toBeUndefined();
});
