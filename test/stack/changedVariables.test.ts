import { expect, test } from 'vitest';
import { changedVariables } from '../../src/stack/changedVariables.ts';

test('variables that were exported, changed or removed since are named', () => {
  const services = { DB_HOST: 'old', GONE: '1', SAME: 'x', PWD: '/a', TERM: 'xterm', npm_config_x: '1' };
  const shell = { DB_HOST: 'new', NEW: '1', SAME: 'x', PWD: '/b', SSH_TTY: '/dev/pts/1' };
  expect(changedVariables(services, shell)).toEqual(['DB_HOST', 'GONE', 'NEW']);
});
