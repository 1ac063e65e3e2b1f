import { runGuarded } from '../../src/platform/guardedProcess.ts';

// Runs something that would live long, says its pid, and is killed by the test.
await runGuarded('/bin/sh', ['-c', 'trap "" HUP; sleep 300 & echo child $!; wait'], {
  env: { PATH: process.env['PATH'] ?? '' },
  cwd: '/',
  stdout: [process.stdout],
  stderr: [process.stderr],
  graceMs: 1000,
  endsWithParent: process.argv[2] === 'with-parent',
  onInterrupt: () => () => {},
  onStarted: async () => {},
});
