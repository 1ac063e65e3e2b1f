import { expect, test } from 'vitest';
import { createLogOutput } from '../../src/ui/logOutput.ts';

function shown(options: { json?: boolean; showService?: boolean }): string {
  let text = '';
  const write = createLogOutput({
    stdout: { write: (chunk: string) => Boolean((text += chunk)) },
    env: {},
    json: options.json ?? false,
    showService: options.showService ?? true,
  });
  write({ service: 'scheduler', text: 'one \u001B[31mred\u001B[0m\u001B[2Jline', time: 0 });
  write({ service: 'dag-processor', text: 'two' });
  return text;
}

test('lines stand behind the name of their service, and cannot move the cursor', () => {
  expect(shown({})).toBe('scheduler     | one redline\ndag-processor | two\n');
});

test('lines of a single service stand alone', () => {
  expect(shown({ showService: false })).toBe('one redline\ntwo\n');
});

test('as JSON nothing is changed', () => {
  const [first, second] = shown({ json: true })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(first).toEqual({
    v: 1,
    event: 'log',
    time: '1970-01-01T00:00:00.000Z',
    service: 'scheduler',
    text: 'one \u001B[31mred\u001B[0m\u001B[2Jline',
  });
  expect(second).not.toHaveProperty('time');
});
