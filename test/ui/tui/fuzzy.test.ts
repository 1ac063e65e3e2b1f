import { expect, test } from 'vitest';
import { fuzzyFilter, fuzzyScore } from '../../../src/ui/tui/fuzzy.ts';

const COMMANDS = [
  'Restart the service',
  'Restart all services',
  'Stop the service',
  'Logs',
  "Open Airflow's UI",
];

test.each([
  ['', COMMANDS],
  ['logs', ['Logs']],
  ['ra', ['Restart all services', 'Restart the service']],
  ['ui', ["Open Airflow's UI"]],
  ['STS', ['Stop the service']],
  ['res serv', ['Restart the service', 'Restart all services']],
  ['xyz', []],
])('"%s" finds %j', (query, found) => {
  expect(fuzzyFilter(COMMANDS, query, (text) => text).slice(0, found.length)).toEqual(found);
});

test('a letter that begins a word is not worth losing the text', () => {
  expect(fuzzyScore('xaxb a', 'ab')).toBeDefined();
});
